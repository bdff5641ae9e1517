// The maps of the pages: loaded together, after the figures.

export { HallsMap } from "./halls_map.js";
export { MapPart } from "./map_part.js";
export { WallMap } from "./wall_map.js";

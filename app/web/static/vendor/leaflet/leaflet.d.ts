export {}; // A classic script: it sets the global `L`, which @types/leaflet declares.

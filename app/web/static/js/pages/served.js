// Pages that work without scripts: the nearest beds, and the list of facilities.

import { installLocate } from "../data/locate.js";
import { keepUpToDate } from "../data/served.js";
import { installThemeButton } from "../base/theme.js";

installThemeButton();
installLocate();
keepUpToDate();

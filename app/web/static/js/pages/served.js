// Pages that work without scripts: the nearest beds, and the list of facilities.

import { installLocate } from "../locate.js";
import { keepUpToDate } from "../served.js";
import { installThemeButton } from "../theme.js";

installThemeButton();
installLocate();
keepUpToDate();

"""Every state of every component, in the order of the design's table: figures, ages, bars, map, connection, tables."""

from tests.browser import drive
from tests.browser.hostile import AREA
from tests.browser.lively import FRESH, FULL, LATE, NEVER, OVER, PARTLY, SILENT, TIGHT, WITHOUT
from tests.browser.selectors import bar, hospital, row, spec
from tests.browser.states import Scene, Shot

FIGURES = (
    Shot("figure-fresh", row(FRESH, ".free b:has(> span:not([class]))"), spec(1, ".sp-row > :nth-child(1)")),
    Shot("figure-unknown", row(LATE, ".free .nil:has-text('?')"), spec(2, ".sp-row > :nth-child(2) .nil")),
    Shot("figure-not-certain", row(LATE, ".k2 .uns:has-text('+28')"), spec(1, ".sp-row > :nth-child(2) .uns")),
    Shot(
        "figure-nothing-uncertain", row(FRESH, ".k2 .nil:has-text('\u00b7')"), spec(2, ".sp-row > :nth-child(4) .nil")
    ),
    Shot("headline", ".city:has(.big-age):has(.unsure .uns)"),
    Shot("age-fresh", row(FRESH, ".age[data-f=fresh]"), spec(1, ".age[data-f=fresh]")),
    Shot("age-stale", row(LATE, ".age[data-f=stale]"), spec(1, ".age[data-f=stale]")),
    Shot("age-silent", row(SILENT, ".age[data-f=silent]"), spec(1, ".age[data-f=silent]")),
    Shot("age-never", row(NEVER, ".age[data-f=never]"), spec(1, ".age[data-f=never]")),
)
BARS = (
    Shot("bar-fresh", bar(FRESH, ".b-ok", ".b-old"), spec(4, ".sp-row > :nth-child(1)")),
    Shot("bar-partly-old", bar(PARTLY, ".b-old[width='30.0%']"), spec(4, ".sp-row > :nth-child(2)")),
    Shot("bar-all-old", bar(LATE, ".b-old[width='100.0%']"), spec(4, ".sp-row > :nth-child(3)")),
    Shot("bar-tight", bar(TIGHT, ".b-attn"), spec(4, ".sp-row > :nth-child(4)")),
    Shot("bar-full", bar(FULL, ".b-full", ".over"), spec(4, ".sp-row > :nth-child(5)")),
    Shot("bar-over", bar(OVER, ".over"), spec(4, ".sp-row > :nth-child(6)")),
    Shot("bar-never", row(NEVER, "td.k6 .bar-none")),
)
MAP = (
    Shot("map", "[data-part=map]:has(.area.c4):has(.area.c5):has(.area.c2)"),
    Shot("map-mostly-old", ".geo:has(path.veil)"),
    Shot("map-all-old", f".geo:has(path.area.cu[data-code='{LATE}']):has(path.hatched)"),
    Shot("map-without", f"[data-part=map] path.area.none[data-code='{WITHOUT}']"),
    Shot("map-legend", ".legend", spec(3, ".sp-row")),
)

SCENES: tuple[Scene, ...] = (
    Scene("center", "/", (*FIGURES, *BARS[:5], BARS[6], *MAP)),
    Scene(
        "group",
        "/?group=emergency",
        (
            BARS[5],
            Shot("figure-absent", row(LATE, ".free .nil:has-text('\u2013')"), spec(2, ".sp-row > :nth-child(3) .nil")),
        ),
    ),
    Scene(
        "ward",
        "/facility/rs-3374021",
        (Shot("figure-zero", "tr.grp:has-text('ICU') .free b:has-text('0')", spec(2, ".sp-row > :nth-child(1)")),),
    ),
    Scene(
        "hospitals",
        f"/area/{SILENT}",
        (
            Shot("row-silent", hospital("rs-3374331", ".age[data-f=silent]")),
            Shot("row-lapsed", hospital("rs-3374365", ".age[data-f=lapsed]"), spec(1, ".age[data-f=lapsed]")),
        ),
    ),
    Scene(
        "late",
        "/facility/rs-3374091",
        (
            Shot("facility-late", ".f-lead:has(.big .nil):has([data-f=stale]):has(.unsure .uns)"),
            Shot("ward-late", ".lines:has(tr[data-f=stale], tr.grp .nil)"),
        ),
    ),
    Scene(
        "changed",
        "/",
        (Shot("just-changed", row(FRESH, ".free:has(.fresh-in)"), spec(8, ".sp-row > :nth-child(1)")),),
        drive=drive.change,
    ),
    Scene(
        "loading",
        "/",
        (Shot("loading", "main:has(.sk):has(.wait-t)", spec(9, "> div")),),
        block=drive.slow,
        is_live=False,
    ),
    Scene(
        "hover",
        "/",
        (
            Shot("map-hover", f".geo:has(path.is-hot[data-code='{FULL}'])"),
            Shot("map-hover-row", f"tr.is-hot[data-code='{FULL}']"),
        ),
        drive=drive.hover,
    ),
    Scene(
        "keyboard",
        "/",
        (Shot("map-focus", ".geo:has(path.is-hot)"), Shot("map-focus-row", "tr.is-hot")),
        drive=drive.by_keyboard,
    ),
    Scene(
        "live",
        "/",
        (
            Shot(
                "connection-live",
                ".live[data-state=live]:has-text('perubahan terakhir')",
                spec(5, ".band:nth-child(1)"),
            ),
        ),
        drive=drive.change,
        width=1700,
    ),
    Scene(
        "connecting",
        "/",
        (
            Shot(
                "connection-connecting",
                ".live[data-state=connecting]:has-text('angka dari')",
                spec(5, ".band:nth-child(2)"),
            ),
        ),
        block=drive.never_answered,
        is_live=False,
    ),
    Scene(
        "cut",
        "/",
        (Shot("connection-cut", "[data-band=cut]", spec(5, ".band:nth-child(3)")),),
        block=drive.install_clock,
        drive=drive.cut,
        loses_requests=True,
    ),
    Scene(
        "back",
        "/",
        (Shot("connection-back", "[data-band=back]", spec(5, ".band:nth-child(4)")),),
        drive=drive.come_back,
        loses_requests=True,
    ),
    Scene(
        "polling", "/", (Shot("connection-polling", ".live[data-state=polling]"),), block=drive.held_back, is_live=False
    ),
    Scene(
        "sorted",
        "/?sort=-free",
        (Shot("table-sorted", "th[aria-sort=descending]:has([data-sort=free])"), Shot("table", "[data-part=children]")),
    ),
    Scene(
        "empty",
        "/area/33.74.02.1001",
        (Shot("table-empty", "main p:has-text('Belum ada fasilitas')", spec(10, "> div > p:nth-child(1)")),),
    ),
    Scene(
        "filtered",
        "/facilities?q=hermima",
        (Shot("table-no-match", "main p:has-text('hermima')", spec(10, "> div > p:nth-child(2)")),),
        is_live=False,
    ),
    Scene(
        "alone",
        "/area/33",
        (
            Shot(
                "table-one-row",
                "[data-part=children] table:not(:has(tfoot)):has(tbody tr:only-child)",
                spec(10, "table"),
            ),
        ),
    ),
    Scene(
        "failed",
        "/",
        (Shot("table-error", ".kec [data-error]:has-text('503'):has-text('7f3a-91c2')", spec(11, ".err")),),
        block=drive.failing,
        drive=drive.lose_figures,
        loses_requests=True,
        is_live=False,
    ),
    Scene(
        "wide",
        "/area/33.75",
        (
            Shot("table-pages", ".pages:has-text('105')", spec(10, "> div > p:last-child")),
            Shot("table-first-page", "[data-part=children] tbody:not(:has(tr:nth-child(51)))"),
        ),
        data=drive.wide,
    ),
    Scene(
        "crowd",
        "/area/33.74.10",
        (Shot("halls-more", "[data-part=halls] .empty button"),),
        data=drive.crowded,
        drive=drive.open_halls,
    ),
    Scene(
        "hostile",
        f"/area/{AREA}",
        (Shot("hostile-names", "[data-part=hospitals]", spec(12, "table")), Shot("hostile-halls", "[data-part=halls]")),
        data=drive.hostile,
    ),
    Scene(
        "hostile-phone",
        f"/area/{AREA}",
        (Shot("hostile-names-360", "[data-part=hospitals]"),),
        data=drive.hostile,
        width=360,
    ),
)

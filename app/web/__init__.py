"""The pages: server-rendered shells that browsers fill from the public API, and their static files.

Where things belong:

- `routes/`: one module per page or group of pages. A route decides the title, the language and what to preload; figures
  come from `/v1` in the browser (except for pages that must work without scripts).
- `pages.py` renders a template with what all pages share: headers, language, theme, header, menu.
- `served_pages.py`: the page for citizens and the list of facilities are complete without scripts. `words.py` and
  `bars.py` say and draw in Python what `format.js` and `components/bar.js` do; `js/data/served.js` lets their ages
  count and reads them again every half minute.
- `templates/`: `shell.html` is the frame of every page; a page extends it and names its entry module
  (`js/pages/*.js`).
- `texts/id.json`, `texts/en.json`: every sentence, one key each, used by templates as `t("key", n=1)` and by scripts as
  `t("key", {n: 1})`. A key with `_one` beside it is the English singular. `tests/web/test_texts.py` finds missing and
  unused keys.
- `static/css/`: `tokens.css` is the design's own file; no other file has a colour or a size of type. The files are
  joined in the order of `static_files.STYLE_SHEETS` and sent as `css/app.css`. A new page gets a file of its own.
- `static/js/`: modules of one idea, in folders that say what they are about. `base/`: what every page needs (`html.js`,
  language and texts, `format.js`, theme, address, how often a page is drawn; `early.js` runs before the
  others are there). `live/`: requests, the stream, what the
  header says of it, the server's clock and the tick by which ages count. `figures/`: what a figure is made of; pure, no
  page and no clock, tested by `node --test` (tests/web/js). `data/`: what a page has read and keeps current. `map/`:
  outlines, labels, legend. `components/`: what is drawn. `pages/`: one entry module for each page. Types are in JSDoc,
  checked by `tsc`; the libraries are declared beside their files (`*.d.ts`).
- `static/vendor/`: libraries as published, with licences and `manifest.json`. They are never edited.

Nothing is inline, and no other host is asked: the policy of `pages.py` forbids both.
"""

from fastapi import FastAPI

from app.web.routes import areas, facilities, facility_list, files, public, sign_in


def install(app: FastAPI) -> None:
    """Add the pages and their static files. `request.state` must have the members of `app.main.State`."""
    for module in (files, areas, facilities, facility_list, public, sign_in):
        app.include_router(module.router)

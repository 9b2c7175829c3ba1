"""Python in the page: what the site serves so that a browser can run Python with no server.

`distribution` fetches Pyodide and the wheels that notebooks need (``python -m speechlab.site
fetch``) from the places that `sources` knows, `bundle` names the files of `speechlab` that come
along, `shipped` puts all of it into a built site, and `policy` says what its pages may ask for. The
scripts that run it are in `speechlab/web/python/`.
"""

"""Text put together from tags, attributes, schemes, entities, CSS, formulas and Markdown."""

from hypothesis import strategies as st


def _lines(text):
    return st.sampled_from(text.strip("\n").split("\n"))


tags = st.sampled_from(
    "script img svg iframe style object embed link meta base form details video audio math body "
    "a input template noscript xmp plaintext title textarea foreignObject animate use".split()
)
attributes = _lines("""
onerror=alert(1)
onload='alert(1)'
srcdoc="<script>alert(1)</script>"
href=//evil
src=x
style=background:url(//evil)
xlink:href=javascript:alert(1)
ontoggle=x
""")
schemes = _lines("""
javascript:alert(1)
JaVa\tScRiPt:alert(1)
java&#10;script:alert(1)
//evil/x
x
&#106;avascript&colon;alert(1)
vbscript:x
data:text/html,<script>1</script>
\x01javascript:alert(1)
javascript&#58;alert(1)
javascript\\:alert(1)
java\\script:alert(1)
javascript&amp;colon;alert(1)
%6aavascript:alert(1)
&#x6A&#x61vascript:alert(1)
file:///etc/passwd
https:javascript:alert(1)
""")
gaps = st.sampled_from(["", " ", "\n", "\t", "/", "\x00", "\x0c", "\u2028", "&Tab;", "<", "`"])
elements = st.builds(
    "<{}{}{}{}{}{}>".format,
    st.sampled_from(["", "", "/", "!", "?", "!--", "![CDATA["]),
    gaps,
    tags,
    st.sampled_from([" ", "/", "\n", "\x0c"]),
    attributes,
    st.sampled_from(["", "/", " x", "<"]),
)
forms = _lines("""
[T](U)
![T](U)
<U>
![T][r]ZZ[r]: U
[T]: UZZ[T]
[T]:Z  UZZ[T]
[T](<U>)
[T]( U )
[T](ZU)
$\\href{U}{T}$
[T](U 'x" onmouseover=alert(1) y')
[![T](U)](U)
[^1]ZZ[^1]: U
\\[T](U)
[T]\\(U)
""")
links = st.builds(
    lambda form, text, target: form.replace("T", text).replace("U", target).replace("Z", "\n"),
    forms,
    st.sampled_from(["click", "<b>", "`", "]", "![", "<img src=x onerror=alert(1)>", "\\"]),
    schemes,
)
styles = _lines("""
<style>@import url(//evil)</style>
body{background:url(javascript:1)}
</style><script>
$\\require{html}\\style{x:y}{z}$
\\\\(\\unicode{60}\\\\)
$$\\def\\a{<script>}\\a$$
\\href
""")
marks = _lines("""
&lt;
&#60;
&#x3c;script&#x3e;
\\<
<!--
-->
]]>
\\
]
(
\x1b[31m
\u202e
`
``
*
""") | st.sampled_from(
    ["    ", "\n\n", "\n", "```\n", "~~~\n", "> ", "* ", "# ", "|a|b|\n|-|-|\n", "\r"]
)
texts = st.lists(
    st.one_of(elements, links, styles, marks, schemes, st.text(max_size=6)), max_size=8
).map("".join)

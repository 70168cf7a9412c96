"""The practice upstream's web site: a page that refers to hashed scripts, with the two secrets spread over them."""

import secrets

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>MagickPen practice upstream</title>
<link rel="preload" href="{preload}" as="script">
</head>
<body>
<div id="__nuxt">
<h1>MagickPen practice upstream</h1>
<p>This server invents its answers, so that the chat can be tried without an account, a key or a network.
Nothing here belongs to, or comes from, the MagickPen service.</p>
</div>
<script>window.__NUXT__={{config:{{practice:!0}}}}</script>
{scripts}
</body>
</html>
"""
_RUNTIME = '!function(e){var t={};e.exports=t}({exports:{}});var client_secret="not-this-one";'
_VENDORS = "(window.webpackJsonp=window.webpackJsonp||[]).push([[2],{120:function(t,e){t.exports={secret:!0}}}]);"
_APP = '(window.webpackJsonp=window.webpackJsonp||[]).push([[0],{7:function(t,e){e.headers={"X-API-Secret":"%s"}}}]);'
_PAGES = (
    '(window.webpackJsonp=window.webpackJsonp||[]).push([[5],{9:function(t,e,n){var r={secret:"%s",key:1};n(r)}}]);'
)


class Site:
    """One state of the site. A new one has new secrets and new names for its scripts, unless secrets are given."""

    def __init__(self, api_secret: str | None = None, secret: str | None = None) -> None:
        self.api_secret = api_secret or secrets.token_urlsafe(18)
        self.secret = secret or secrets.token_urlsafe(12)
        bodies = [_RUNTIME, _VENDORS, _APP % self.api_secret, _PAGES % self.secret]
        self.scripts = {f"/_nuxt/{secrets.token_hex(10)}.js": body for body in bodies}

    def page(self) -> str:
        """Return the HTML of the page."""
        scripts = "".join(f'<script src="{path}" defer></script>' for path in self.scripts)
        return _PAGE.format(preload=next(iter(self.scripts)), scripts=scripts)

"""What someone sees who opens the address of the gateway itself."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template

from gateway.urls import Urls
from gateway.web.pages.handouts import curl


def view(urls: Urls) -> Callable[[], str]:
    def page() -> str:
        return render_template("welcome.html", curl=curl(urls, "YOUR_KEY"))

    return page

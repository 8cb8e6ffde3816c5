"""The Chromium that tests and benchmarks drive, and the flags that give it a camera and leave it alone."""

from __future__ import annotations

import os
import shutil

FLAGS = [
    *(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-sync",
    ),
    *("--disable-background-networking", "--disable-component-update"),
    *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=fps=10"),
    *("--autoplay-policy=no-user-gesture-required", "--auto-accept-this-tab-capture"),
    *("--disable-background-timer-throttling", "--disable-renderer-backgrounding"),
    "--disable-backgrounding-occluded-windows",
]
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


def the_browser() -> str:
    """The Chromium that scripts/test found or installed, else the first on this machine."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "no Chromium on this machine: sh scripts/test installs it"
    return found

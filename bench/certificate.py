"""One certificate, warm: what WeasyPrint takes for the page as it comes, and what we take.

The naive side is `HTML(string).write_pdf()` of the same page: the same HTML and style sheets set
in the system's Noto CJK collection, the line art as SVG images with the micro-text as a pattern.
Rounds are interleaved; in each the short sides run four times over, as a warm worker does. Times
are CPU time of this process per certificate; the ratio of the medians counts.
Writes var/bench/certificate.json.
"""

import argparse
import base64
import gc
import json
import logging
import os
import statistics
import sys
import time
from pathlib import Path

import django
from weasyprint import HTML

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from certification import art  # noqa: E402 -- needs the settings
from certification.documents import certificate  # noqa: E402 -- the same
from foundation import vectors  # noqa: E402 -- the same
from foundation.pdf import html_to_pdf, renderer  # noqa: E402 -- the same


def sample() -> dict:
    """Return a certificate with three sites, as the tests use it."""
    facts = json.loads((CHECKOUT / "tests/certification/certificate.json").read_text())
    return {**facts, "specimen": False}


def address_of(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def micro_pattern(ink: vectors.Ink) -> str:
    """Write the micro-text as four strips of a repeated pattern, the cheapest SVG there is."""
    one = vectors.svg([vectors.Ink(ink.path, fill=ink.fill)], 1, 1, ids="m")
    path = one[one.index("<path") : one.index("</svg>")]
    length = ink.places[1][4] - ink.places[0][4]
    scale = 0.62 / 1000
    strips = (
        (17.2, 16.9, 175.6, 0.8, ""),
        (17.2, 279.3, 175.6, 0.8, ""),
        (16.5, 20, 0.8, 257, "rotate(-90)"),
        (192.1, 20, 0.8, 257, "rotate(-90)"),
    )
    written = ""
    for index, (x, y, width, height, turn) in enumerate(strips):
        size = (2.4, length) if turn else (length, 2.4)
        put = f"translate(0.6 {length})" if turn else "translate(0 0.6)"
        written += (
            f'<defs><pattern id="m{index}" patternUnits="userSpaceOnUse" width="{size[0]}" '
            f'height="{size[1]}"><g transform="{put} {turn} scale({scale})">{path}</g></pattern>'
            f'</defs><rect x="{x}" y="{y}" width="{width}" height="{height}" '
            f'fill="url(#m{index})"/>'
        )
    return written


def art_as_svg(snapshot: dict, digest: str, *, annex: bool) -> str:
    """Return everything drawn on a page as one SVG image."""
    every = certificate.every_inks(snapshot)
    micro = next(ink for ink in every if len(ink.places) > 1)
    inks = [ink for ink in every if ink is not micro]
    inks += [] if annex else certificate.front_inks(snapshot, digest)
    ground = art.ground_svg(annex=annex).removesuffix("</svg>")
    over = vectors.svg(inks, art.WIDTH, art.HEIGHT, ids="over")
    return (
        ground
        + over[over.index(">") + 1 :].removesuffix("</svg>")
        + micro_pattern(micro)
        + "</svg>"
    )


def naive_page(snapshot: dict) -> str:
    """Return the certificate as one page for WeasyPrint alone."""
    context = certificate.build_context(snapshot)
    first, annex = (
        f"url({address_of(art_as_svg(snapshot, context['digest'], annex=annex))})"
        for annex in (False, True)
    )
    sheets = "".join(
        (CHECKOUT / "static/pdf" / name).read_text() for name in certificate.STYLESHEETS
    )
    rule = address_of((CHECKOUT / "static/pdf/rule.svg").read_text())
    sheets = sheets.replace("asset:rule.svg", rule)
    sheets = sheets.replace('"Portal Serif", ', "").replace('"Portal Sans", ', "")
    fit = "0 0 / 210mm 297mm no-repeat"
    pages = f"@page {{ background: {first} {fit} }} @page annex {{ background: {annex} {fit} }}"
    html = certificate.build_html(context, whole=True)
    return html.replace("<style>", f"<style>{sheets}{pages}", 1)


def plain(snapshot: dict) -> bytes:
    """Render as render_certificate does, without PDF/A, tags and attachment."""
    context = certificate.build_context(snapshot)
    front, annex, meanings = certificate.plates(certificate.build_plates(context))
    ground, every = certificate.build_art(snapshot, context)
    return html_to_pdf(
        certificate.build_html(context),
        stylesheets=certificate.STYLESHEETS,
        backdrops=[[*ground, front], [*every, annex]],
        drawings={"meanings": meanings},
        variant=None,
    )


def cpu(work, times: int) -> float:
    """Return the CPU seconds of one run, the mean of several."""
    # What the side before left behind must not be swept on this one's account.
    gc.collect()
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--pictures", type=Path, help="write both PDFs into this folder")
    arguments = parser.parse_args()
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    snapshot = sample()
    page = naive_page(snapshot)
    sides = {
        "naive": lambda: HTML(string=page).write_pdf(),
        "rendered": lambda: plain(snapshot),
        "rendered, PDF/A-3a, facts attached": lambda: certificate.render_certificate(snapshot),
    }
    load = os.getloadavg()
    results = {name: work() for name, work in sides.items()}
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(arguments.rounds):
        for name, work in sides.items():
            times[name].append(cpu(work, 1 if name == "naive" else 4))
    medians = {name: statistics.median(values) for name, values in times.items()}
    rows = [
        {
            "way": name,
            "cpu_ms_median": round(medians[name] * 1000, 1),
            "cpu_ms_least": round(min(times[name]) * 1000, 1),
            "ratio": round(medians["naive"] / medians[name], 2),
            "kilobytes": len(results[name]) // 1000,
        }
        for name in sides
    ]
    report = {
        "what": "one certificate, warm, CPU time",
        "rounds": arguments.rounds,
        "load_before": load,
        "load_after": os.getloadavg(),
        "renderer": renderer(),
        "rows": rows,
    }
    print(f"{'way':<38}{'median ms':>10}{'least ms':>10}{'ratio':>8}{'KB':>6}")
    for row in rows:
        print(
            f"{row['way']:<38}{row['cpu_ms_median']:>10}{row['cpu_ms_least']:>10}"
            f"{row['ratio']:>8}{row['kilobytes']:>6}"
        )
    print(f"load {load[0]:.2f} before, {os.getloadavg()[0]:.2f} after; {renderer()}")
    target = CHECKOUT / "var" / "bench" / "certificate.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=1) + "\n")
    if arguments.pictures:
        for name, content in results.items():
            (arguments.pictures / f"{name.split(',')[0]}.pdf").write_bytes(content)


if __name__ == "__main__":
    main()

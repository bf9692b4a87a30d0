"""`make measure`: print every number of the house with its aim, and which aims are missed."""

from bench.measure import domains, gunicorn_parts, journey, loading, minutes, shape, statements
from bench.measure.figure import Figure, show


def main() -> None:
    """Measure all; what is in files first, then what needs servers."""
    print(f"  {'what':<58} {'value':>8} {'aim':>8}")
    shown: list[Figure] = [
        *show("Packages", shape.packages()),
        *show("Imports", loading.imports()),
        *show("Domains", domains.folders()),
        *show("Files", shape.files()),
        *show("Functions", shape.functions()),
        *show("Language", shape.docstrings()),
        *show("SQL", statements.back_to_queued()),
        *show("gunicorn", gunicorn_parts.internals()),
        *show("The first minutes", minutes.seconds()),
        *show("Journeys", journey.figures(journey.journeys())),
    ]
    missed = [figure.name for figure in shown if figure.missed]
    print(f"\n{len(missed)} aims are missed." if missed else "\nEvery aim is reached.")


if __name__ == "__main__":
    main()

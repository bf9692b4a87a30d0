"""Looks: what must hold for every page, whatever it shows, in light and dark and on a phone."""

from tests.browser.visit import PHONE, Visit


def assert_good_to_look_at(visit: Visit, path: str) -> None:
    """Open a page light, dark and as wide as a phone; axe finds nothing serious and nothing sticks out."""
    for scheme, width in (("light", 1280), ("dark", 1280), ("light", PHONE), ("dark", PHONE)):
        visit.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        visit.page.set_viewport_size({"width": width, "height": 844})
        visit.open(path)
        assert visit.serious_faults() == [], f"{path} ({scheme}, {width} px)"
        assert visit.overflow() <= 0, f"{path} is wider than {width} px"

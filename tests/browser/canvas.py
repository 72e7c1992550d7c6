"""What a person sees and does on the canvas."""

import re

from playwright.sync_api import Locator, Page, expect


class Canvas:
    """Of the Model page that is open."""

    def __init__(self, page: Page):
        self.page = page

    def node(self, node_id: str) -> Locator:
        return self.page.locator(f'.react-flow__node[data-id="{node_id}"]')

    def item(self, kind: str) -> Locator:
        return self.page.locator(f'.item[data-kind="{kind}"]')

    def tool(self, name: str) -> Locator:
        return self.page.locator(".canvas").get_by_role("button", name=name, exact=True)

    def expect_selected(self, node_id: str) -> None:
        expect(self.node(node_id)).to_have_class(re.compile(r"\bselected\b"))

    def expect_focused(self, node_id: str) -> None:
        expect(self.node(node_id)).to_be_focused()

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(start[0] + 30, start[1] + 4, steps=4)
        mouse.move(*end, steps=10)
        mouse.up()

    def middle(self, of: Locator) -> tuple[float, float]:
        of.scroll_into_view_if_needed()
        box = of.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def place(self) -> str:
        """Pan and zoom."""
        return self.page.locator(".react-flow__viewport").get_attribute("style")

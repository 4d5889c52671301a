"""The console's own themes, one dark and one light; all of Textual's can be chosen too."""

from textual.theme import Theme

DARK = Theme(
    name="papa-dark",
    primary="#7aa2f7",
    secondary="#6fd3e0",
    accent="#c792ea",
    warning="#e8b661",
    error="#f2747f",
    success="#9ccc72",
    foreground="#d5d9e0",
    background="#12151b",
    surface="#171b22",
    panel="#20252f",
    dark=True,
    variables={
        "border": "#353c4a",
        "border-blurred": "#353c4a",
        "block-cursor-background": "#2b3a5c",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#222937",
        "footer-key-foreground": "#7aa2f7",
        "scrollbar": "#2a303c",
        "scrollbar-hover": "#3a4252",
        "scrollbar-active": "#7aa2f7",
        "scrollbar-background": "#12151b",
        "scrollbar-background-hover": "#12151b",
        "scrollbar-background-active": "#12151b",
        "scrollbar-corner-color": "#12151b",
        "input-selection-background": "#7aa2f7 35%",
    },
)

LIGHT = Theme(
    name="papa-light",
    primary="#2f5fc4",
    secondary="#0f7f8c",
    accent="#8a3fb0",
    warning="#9a6300",
    error="#c0273a",
    success="#3f7d1a",
    foreground="#24292f",
    background="#fbfbfa",
    surface="#f4f4f1",
    panel="#e9e9e4",
    dark=False,
    variables={
        "border": "#c9c9c2",
        "border-blurred": "#c9c9c2",
        "block-cursor-background": "#cfdcf7",
        "block-cursor-foreground": "#101418",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e4e6ea",
        "footer-key-foreground": "#2f5fc4",
        "scrollbar": "#d5d5ce",
        "scrollbar-hover": "#bdbdb5",
        "scrollbar-active": "#2f5fc4",
        "scrollbar-background": "#fbfbfa",
        "scrollbar-background-hover": "#fbfbfa",
        "scrollbar-background-active": "#fbfbfa",
        "scrollbar-corner-color": "#fbfbfa",
    },
)

OWN = (DARK, LIGHT)

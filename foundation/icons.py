"""The portal's own line icons: 24 units square, drawn with a stroke of 2."""

ICONS = {
    "alert": '<path d="M12 4.5l8.5 15h-17z"/><path d="M12 10v4.5M12 17.2v.1"/>',
    "arrow": '<path d="M5 12h13M13 7l5 5-5 5"/>',
    "bell": '<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4"/>',
    "calendar": '<rect x="4" y="5.5" width="16" height="14.5" rx="2"/>'
    '<path d="M4 10h16M8.5 3.5v4M15.5 3.5v4"/>',
    "camera": '<path d="M4 8h3.5L9 5.5h6L16.5 8H20v11.5H4z"/><circle cx="12" cy="13.5" r="3.5"/>',
    "chevron": '<path d="M7 10l5 5 5-5"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>',
    "copy": '<rect x="8.5" y="8.5" width="11" height="11" rx="2"/>'
    '<path d="M15.5 5.5a1 1 0 0 0-1-1h-8a2 2 0 0 0-2 2v8a1 1 0 0 0 1 1"/>',
    "cross": '<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>',
    "display": '<circle cx="12" cy="12" r="8"/><path d="M12 4v16M12 8h6.5M12 12h8M12 16h6.5"/>',
    "download": '<path d="M12 4v11M7 11l5 5 5-5M5 20h14"/>',
    "file": '<path d="M7 3.5h7l4.5 4.5v12.5h-11.5z"/><path d="M14 3.5V8h4.5"/>',
    "flag": '<path d="M6 21V4M6 5h11l-2 3.5 2 3.5H6"/>',
    "funnel": '<path d="M4 6h16M7 12h10M10 18h4"/>',
    "globe": '<circle cx="12" cy="12" r="8.5"/>'
    '<path d="M3.5 12h17M12 3.5c-5 5-5 12 0 17M12 3.5c5 5 5 12 0 17"/>',
    "home": '<path d="M4 11.5L12 5l8 6.5M6.5 10v9.5h11V10"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.8v.1"/>',
    "link": '<path d="M10 14a4 4 0 0 0 6 .4l2.6-2.6a4 4 0 0 0-5.7-5.7L11.5 7.5'
    'M14 10a4 4 0 0 0-6-.4l-2.6 2.6a4 4 0 0 0 5.7 5.7L12.5 16.5"/>',
    "list": '<path d="M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.1M4.5 12h.1M4.5 17.5h.1"/>',
    "lock": '<rect x="5.5" y="10.5" width="13" height="9.5" rx="2"/>'
    '<path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "minus": '<circle cx="12" cy="12" r="8.5"/><path d="M8 12h8"/>',
    "offline": '<path d="M4 4l16 16M7 17.5a4 4 0 0 1-.4-8M10 6.5a5.5 5.5 0 0 1 7.5 4'
    'a3.6 3.6 0 0 1 2.3 5.5"/>',
    "pause": '<path d="M9 6v12M15 6v12"/>',
    "pencil": '<path d="M5 19l.8-3.7L16 5.1l2.9 2.9L8.7 18.2zM13.7 7.4l2.9 2.9"/>',
    "people": '<circle cx="9" cy="8.5" r="3.3"/><circle cx="16.5" cy="9.5" r="2.5"/>'
    '<path d="M3.5 19c.6-3.5 2.7-5 5.5-5s4.9 1.5 5.5 5M16.5 14.5c2.2 0 3.6 1.2 4 3.5"/>',
    "print": '<path d="M7 9V4h10v5M7 17H4V9h16v8h-3"/><path d="M7 14h10v6H7z"/>',
    "refresh": '<path d="M19 8a7.5 7.5 0 1 0 .5 6M19.5 4v4.5H15"/>',
    "search": '<circle cx="10.8" cy="10.8" r="6.3"/><path d="M15.5 15.5L20 20"/>',
    "shield": '<path d="M12 3.5l7.5 2.8v5.2c0 4.6-3.2 7.7-7.5 9-4.3-1.3-7.5-4.4-7.5-9V6.3z"/>'
    '<path d="M8.5 12l2.5 2.5 4.5-5"/>',
    "star": '<path d="M12 4l2.4 5.1 5.6.7-4.1 3.9 1.1 5.5L12 16.5l-5 2.7 1.1-5.5L4 9.8l5.6-.7z"/>',
    "tick": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "upload": '<path d="M12 15.5V5M8 9l4-4 4 4M5 14v5h14v-5"/>',
    "user": '<circle cx="12" cy="8.5" r="4"/><path d="M4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5"/>',
}

STATUS_ICONS = {
    "valid": "tick",
    "suspended": "pause",
    "withdrawn": "cross",
    "expired": "clock",
    "cancelled": "minus",
    "reduced": "funnel",
    "info": "info",
    "waiting": "clock",
    "draft": "pencil",
    "closed": "tick",
    "problem": "alert",
}

BRAND = (
    '<path d="M20 1.5 36 10.75v18.5L20 38.5 4 29.25v-18.5z" fill="none" '
    'stroke="currentColor" stroke-width="1.8"/>'
    '<path d="M20 5 33 12.5v15L20 35 7 27.5v-15z" fill="currentColor"/>'
    '<path class="cut" d="M9.5 20c3.5-6.5 7-6.5 10.5 0s7 6.5 10.5 0'
    'M9.5 20c3.5 6.5 7 6.5 10.5 0s7-6.5 10.5 0" '
    'fill="none" stroke-width="2.6" stroke-linecap="round"/>'
)

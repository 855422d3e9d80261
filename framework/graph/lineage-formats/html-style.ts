export const PAGE_STYLE = `
:root { color-scheme: light dark; --paper: #fbfbf9; --ink: #22262b; --faint: #9aa2ab; --line: #c9ced4; --dim: #e9ebed; --card: #ffffff; --mark: #c2410c; --row: #0f766e }
@media (prefers-color-scheme: dark) { :root { --paper: #16191d; --ink: #e6e8ea; --faint: #7d8792; --line: #3a424b; --dim: #23282e; --card: #20252b; --mark: #fb923c; --row: #5eead4 } }
* { box-sizing: border-box }
html, body { margin: 0; height: 100%; overflow: hidden; background: var(--paper); color: var(--ink); font: 14px/1.4 system-ui, sans-serif }
canvas { position: fixed; inset: 0; width: 100%; height: 100%; cursor: grab; touch-action: none; outline: none }
canvas.dragging { cursor: grabbing }
header { position: fixed; top: 12px; left: 12px; display: flex; flex-wrap: wrap; gap: 8px; align-items: center; max-width: calc(100% - 24px) }
header input[type=search] { width: 320px; padding: 7px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--card); color: inherit; font: inherit }
header button, header label { padding: 6px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--card); color: inherit; font: inherit }
#found { position: absolute; top: 42px; left: 0; width: 420px; max-width: 100%; max-height: 60vh; overflow: auto; margin: 0; padding: 4px; list-style: none; border: 1px solid var(--line); border-radius: 6px; background: var(--card) }
#found button, aside button { display: flex; justify-content: space-between; gap: 12px; width: 100%; padding: 3px 8px; border: 0; border-radius: 4px; background: none; color: inherit; font: inherit; text-align: left; cursor: pointer }
#found button:hover, #found button:focus, aside button:hover, aside button:focus { background: color-mix(in srgb, var(--mark) 15%, transparent); outline: none }
#found small, aside small { flex: none; max-width: 45%; color: var(--faint); overflow-wrap: anywhere; text-align: right }
aside { position: fixed; top: 12px; right: 12px; width: 360px; max-width: calc(100% - 24px); max-height: calc(100% - 24px); overflow: auto; padding: 14px; border: 1px solid var(--line); border-radius: 8px; background: var(--card) }
aside h1 { margin: 0 0 4px; font-size: 16px; overflow-wrap: anywhere }
aside h2 { margin: 12px 0 4px; font-size: 13px; color: var(--faint); font-weight: 600 }
aside p { margin: 0 0 6px; overflow-wrap: anywhere }
aside ul { margin: 0; padding: 0; list-style: none }
aside button[aria-pressed=true] { background: color-mix(in srgb, var(--mark) 25%, transparent) }
#found button span, aside button span { min-width: 0; overflow-wrap: anywhere }
`

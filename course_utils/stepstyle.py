"""How a stepper looks: JupyterLab's own colours, so that it can be read on a light page and on a dark one."""

from __future__ import annotations

from typing import Final

from .palette import THEMES

__all__ = ["STYLE"]

_COLOURS: Final = f"""
.course-stepper {{ --course-bad: {THEMES["light"]["bad"]}; }}
[data-jp-theme-light="false"] .course-stepper, .vscode-dark .course-stepper {{
  --course-bad: {THEMES["dark"]["bad"]}; }}
"""
"""Red that can be read: JupyterLab's own is too dark on its dark theme."""

STYLE: Final = (
    f"<style>{_COLOURS}"
    + """
.course-stepper { color: var(--jp-ui-font-color1, inherit); font-size: 13px; padding: 2px 0 6px; overflow: visible;
  width: 100%; container-type: inline-size; }
.course-stepper .widget-html-content { line-height: 1.5; color: var(--jp-ui-font-color1, inherit); font-size: 13px; }
.course-stepper .course-heading { font-weight: 600; font-size: 14px;
  font-family: var(--jp-code-font-family, monospace); }
.course-stepper .course-row { align-items: center; gap: 2px 10px; overflow: visible; }
.course-stepper .course-row > * { margin: 2px 0; flex: 0 0 auto; }
.course-stepper .course-where { min-height: 24px; }
@container (max-width: 800px) {
  .course-stepper .course-where { min-height: 44px; }
  .course-stepper .course-label { flex: 1 0 100%; } }
.course-stepper .course-muted { color: var(--jp-ui-font-color2, inherit); }
.course-stepper .widget-label, .course-stepper .widget-readout { color: var(--jp-ui-font-color1, inherit); }
.course-stepper button { transition: none; }
.course-stepper .noUi-handle:focus-visible, .course-stepper button:focus-visible {
  outline: 2px solid var(--jp-brand-color1, #2f6cb3); outline-offset: 2px; }
.course-stepper button.course-cannot { cursor: default; box-shadow: none; font-style: italic;
  color: var(--jp-ui-font-color2, inherit); background: var(--jp-layout-color2, transparent); }
.course-stepper .course-error { color: var(--course-bad); white-space: pre-wrap; }
.course-stepper .course-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.course-stepper .course-panes { gap: 8px 18px; align-items: flex-start; overflow: visible; }
.course-stepper .course-pane { max-width: 100%; overflow: auto; margin: 2px 0; box-sizing: border-box;
  font-family: var(--jp-code-font-family, monospace); font-size: 13px;
  border: 1px solid var(--jp-border-color2, #b4bcc5); border-radius: 6px; padding: 4px 8px; }
.course-stepper table { border-collapse: collapse; border: 0; margin: 0; font-size: 13px;
  font-family: var(--jp-code-font-family, monospace); font-variant-numeric: tabular-nums; }
.course-stepper table tr, .course-stepper table tr:hover { background: none; }
.course-stepper table td, .course-stepper table th { border: 0; text-align: left; vertical-align: baseline;
  background: none; color: inherit; white-space: nowrap; }
.course-stepper .course-code td { padding: 1px 0; line-height: 20px; }
.course-stepper .course-code td:first-child { min-width: var(--course-gutter); text-align: right; }
.course-stepper .course-code td:nth-child(2) { padding: 1px 10px; text-align: right;
  color: var(--jp-ui-font-color2, inherit); }
.course-stepper .course-code code { white-space: pre; background: none; color: inherit; padding: 0; font-size: 13px; }
.course-stepper .course-code .course-here code { font-weight: 600; }
.course-stepper .course-code .course-between td { height: 10px; padding: 0; }
.course-stepper .course-thread { border-left: 3px solid currentcolor; padding: 0 3px; margin-left: 2px;
  white-space: nowrap; border-radius: 2px; }
.course-stepper .course-steps caption { caption-side: bottom; text-align: left; padding: 4px 0 0; white-space: nowrap;
  font-family: var(--jp-ui-font-family, sans-serif); color: var(--jp-ui-font-color2, inherit); }
.course-stepper .course-steps th, .course-stepper .course-steps td { padding: 3px 10px 3px 4px; line-height: 19px;
  border-bottom: 1px solid var(--jp-border-color2, #d5d9dd); }
.course-stepper .course-steps thead th { font-weight: 600; white-space: normal; max-width: 12em; }
.course-stepper .course-steps tbody th { font-weight: 400; text-align: right; min-width: 3.2em; }
.course-stepper .course-now td, .course-stepper .course-now th { background: rgba(127, 127, 127, 0.16); }
.course-stepper .course-now th { font-weight: 600; }
.course-stepper .course-changed { color: var(--course-bad); font-weight: 700; }
.course-stepper .course-coming td, .course-stepper .course-coming th { color: var(--jp-ui-font-color2, inherit);
  font-style: italic; }
.course-stepper .course-coming .course-changed { color: inherit; font-weight: 400; }
.course-stepper .course-coming .course-thread { background: none !important; }
.course-stepper .course-gap td { color: var(--jp-ui-font-color2, inherit); }
</style>"""
)

// Gives Django's searching selects the name of their field, which they do not take over by themselves.
"use strict";
{
    const nameOne = (select) => {
        const shown = document.getElementById(`select2-${select.id}-container`);
        const box = shown?.closest("[role=combobox]");
        if (!box || box.dataset.named) return;
        box.dataset.named = "yes";
        const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
        if (label) {
            label.id ||= `${select.id}-label`;
            box.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
            shown.setAttribute("aria-labelledby", label.id);
        } else if (select.getAttribute("aria-label")) {
            for (const one of [box, shown]) one.setAttribute("aria-label", select.getAttribute("aria-label"));
            box.removeAttribute("aria-labelledby");
        }
    };
    const nameAll = () => document.querySelectorAll("select.select2-hidden-accessible").forEach(nameOne);
    new MutationObserver(nameAll).observe(document.body, {childList: true, subtree: true});
    nameAll();
}

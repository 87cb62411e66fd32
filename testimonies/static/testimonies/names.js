// Gives Django's searching selects the name of their field, which they do not take over by themselves.
"use strict";
{
    const name = () => {
        for (const select of document.querySelectorAll("select.admin-autocomplete")) {
            const box = select.parentElement.querySelector(`[aria-labelledby="select2-${CSS.escape(select.id)}-container"]`);
            const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
            if (!box) continue;
            if (label) {
                label.id ||= `${select.id}-label`;
                box.setAttribute("aria-labelledby", `${label.id} ${box.getAttribute("aria-labelledby")}`);
            } else if (select.getAttribute("aria-label")) {
                box.removeAttribute("aria-labelledby");
                box.setAttribute("aria-label", select.getAttribute("aria-label"));
            }
        }
    };
    window.addEventListener("load", name);
    document.addEventListener("formset:added", () => setTimeout(name));
}

// Copies what is shown once. Without JavaScript the field is selected and copied by hand.
"use strict";
for (const button of document.querySelectorAll("button[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    field.addEventListener("focus", () => field.select());
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(field.value);
        document.getElementById(`${field.id}-copied`).textContent = "Copied.";
    });
}

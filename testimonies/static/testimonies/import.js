// Keeps the chosen files in the form while they are checked, so that they need not be chosen again to be loaded.
"use strict";
{
    const form = document.getElementById("import-form");
    const outcome = document.getElementById("outcome");
    const load = form.elements.load;

    const show = (page) => {
        outcome.replaceChildren(...page.getElementById("outcome").childNodes);
        outcome.querySelector("[data-again]")?.replaceChildren("Nothing is stored yet.");
        load.hidden = !outcome.querySelector("[name=checked]");
        if (!outcome.childElementCount) outcome.textContent = "There was no answer that can be shown. Try again.";
        outcome.scrollIntoView({block: "start"});
    };

    form.addEventListener("submit", async (event) => {
        if (!form.elements.chosen.files.length) return; // the server says what is missing
        event.preventDefault();
        const body = new FormData(form, event.submitter);
        outcome.textContent = "Reading the files …";
        for (const button of [form.elements.check, load]) button.disabled = true;
        try {
            const answer = await fetch(form.action, {method: "POST", body});
            if (answer.status === 413) outcome.textContent = await answer.text();
            else show(new DOMParser().parseFromString(await answer.text(), "text/html"));
        } catch {
            outcome.textContent = "The files could not be sent, or the page has ended. Load the page again.";
        } finally {
            for (const button of [form.elements.check, load]) button.disabled = false;
        }
        if (outcome.querySelector("h2")?.textContent === "Loaded") form.reset();
    });

    // what was checked is not what is chosen now
    form.addEventListener("change", () => {
        outcome.replaceChildren();
        load.hidden = true;
    });
}

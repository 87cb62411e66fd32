// Says beside a date how it is read, or what is wrong with it. Without JavaScript the form says so when it is saved.
"use strict";
{
    const PAUSE = 250; // ms after the last key
    const timers = new WeakMap();

    const note = (input) => {
        const id = `${input.id}-read`;
        let found = document.getElementById(id);
        if (!found) {
            found = document.createElement("p");
            found.id = id;
            found.className = "edtf-read";
            found.setAttribute("role", "status");
            (input.closest(".flex-container") ?? input).after(found);
            const described = input.getAttribute("aria-describedby");
            input.setAttribute("aria-describedby", described ? `${described} ${id}` : id);
        }
        return found;
    };

    const check = async (input) => {
        const place = note(input);
        const text = input.value.trim();
        let read = {good: true, said: ""};
        if (text) {
            const address = new URL(input.dataset.edtf, location.href);
            address.searchParams.set("text", text);
            try {
                const answer = await fetch(address, {headers: {Accept: "application/json"}, redirect: "error"});
                if (answer.ok) read = await answer.json();
            } catch {
                // the form says it when it is saved
            }
        }
        if (input.value.trim() !== text) return; // overtaken by typing
        place.textContent = read.said;
        place.classList.toggle("wrong", !read.good);
        input.setAttribute("aria-invalid", String(!read.good));
    };

    document.addEventListener("input", (event) => {
        const input = event.target;
        if (!input.matches?.("input[data-edtf]")) return;
        clearTimeout(timers.get(input));
        timers.set(input, setTimeout(() => check(input), PAUSE));
    });
    document.addEventListener("DOMContentLoaded", () => {
        for (const input of document.querySelectorAll("input[data-edtf]")) if (input.value && !input.disabled) check(input);
    });
}

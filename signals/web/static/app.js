"use strict";
(() => {
  const id = (name) => document.getElementById(name);
  const csrf = document.body.dataset.csrf || "";

  const toast = (text, bad) => {
    const note = document.createElement("p");
    note.textContent = text;
    note.className = bad ? "bad" : "good";
    id("toasts").append(note);
    setTimeout(() => note.remove(), 9000);
  };

  document.body.addEventListener("meeting-ended", (event) => {
    const { title, status } = event.detail;
    toast(status === "done" ? `“${title}”分析完成，可以看报告了` : `“${title}”分析失败，原因见列表`, status !== "done");
    document.title = `（新）${document.title.replace(/^（新）/, "")}`;
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    let text = "操作没有成功，请刷新页面后再试";
    try { text = JSON.parse(event.detail.xhr.responseText).error.message; } catch { /* an error page, not JSON */ }
    toast(text, true);
  });
  document.body.addEventListener("htmx:sendError", () => toast("连不上服务，请检查网络", true));
  document.body.addEventListener("htmx:configRequest", (event) => { event.detail.headers.Accept = "text/html, application/json"; });

  const drop = id("drop");
  if (!drop) return;
  const limit = Number(id("upload").dataset.limit) * 1024 * 1024;
  const most = Number(id("upload").dataset.most);
  const waiting = [];

  const refresh = () => { id("go").hidden = !waiting.length; };

  const add = async (files) => {
    const chosen = Array.from(files).slice(0, most - waiting.length);
    if (files.length > chosen.length) toast(`一次最多 ${most} 个文件，多出的没有加入`, true);
    if (!chosen.length) return;
    let guesses = [];
    try {
      const answer = await fetch("/meetings/guess", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, Accept: "application/json" },
        body: JSON.stringify({ names: chosen.map((file) => file.name) }),
      });
      if (answer.ok) guesses = await answer.json();
    } catch { /* the fields stay empty, the server guesses again */ }
    chosen.forEach((file, place) => show(file, guesses[place] || {}));
    refresh();
  };

  const show = (file, guessed) => {
    const item = id("picked-file").content.firstElementChild.cloneNode(true);
    item.querySelector(".name").textContent = `${file.name}（${(file.size / 1048576).toFixed(1)} MB）`;
    for (const [name, value] of Object.entries(guessed)) {
      const field = item.querySelector(`[name=${name}]`);
      if (field && value !== "") field.value = String(value);
    }
    const entry = { file, item };
    item.querySelector(".remove").addEventListener("click", () => {
      waiting.splice(waiting.indexOf(entry), 1);
      item.remove();
      refresh();
    });
    id("picked").append(item);
    if (file.size > limit) {
      item.querySelector(".result").textContent = "文件太大，请分成几段上传，或联系管理员提高上限";
      return;
    }
    waiting.push(entry);
  };

  const send = ({ file, item }) => new Promise((settled) => {
    const form = new FormData();
    item.querySelectorAll("input, select").forEach((field) => { form.append(field.name, field.value); field.disabled = true; });
    form.append("file", file);
    const request = new XMLHttpRequest();
    const bar = item.querySelector(".sending");
    bar.hidden = false;
    item.querySelector(".remove").hidden = true;
    request.upload.addEventListener("progress", (event) => {
      bar.querySelector("progress").value = event.loaded / event.total;
      bar.querySelector("span").textContent = event.loaded < event.total ? `${Math.round((100 * event.loaded) / event.total)}%` : "正在检查文件";
    });
    request.addEventListener("loadend", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* nothing came back */ }
      bar.hidden = true;
      const result = item.querySelector(".result");
      if (request.status === 201) {
        item.remove();
        settled(answer.id);
        return;
      }
      if (request.status === 200) result.textContent = `这份文件上传过了：“${answer.title}”`;
      else result.textContent = answer.error ? `${answer.error.message}。${answer.error.remedy}` : "没有传上去，请检查网络后重试";
      item.classList.add(request.status === 200 ? "known" : "refused");
      settled(null);
    });
    request.open("POST", "/meetings");
    request.setRequestHeader("X-CSRF-Token", csrf);
    request.setRequestHeader("Accept", "application/json");
    request.send(form);
  });

  const insert = async (meeting) => {
    const answer = await fetch(`/meetings/${meeting}/row`);
    if (!answer.ok) return;
    const box = document.createElement("template");
    box.innerHTML = await answer.text();
    const row = box.content.firstElementChild;
    id("meetings").prepend(row);
    window.htmx.process(row);
    const empty = id("empty");
    if (empty) empty.remove();
  };

  id("files").addEventListener("change", (event) => { add(event.target.files); event.target.value = ""; });
  for (const name of ["dragover", "dragenter"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("over"); });
  drop.addEventListener("drop", (event) => add(event.dataTransfer.files));
  window.addEventListener("beforeunload", (event) => { if (id("send").disabled) event.preventDefault(); });
  id("send").addEventListener("click", async () => {
    id("send").disabled = true;
    const batch = waiting.splice(0);
    for (const entry of batch) {
      const meeting = await send(entry); // one after the other: thirty at once would starve each other
      if (meeting) await insert(meeting);
    }
    id("send").disabled = false;
    refresh();
  });
})();

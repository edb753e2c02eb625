// Runs the filter of report.html, which has this script inlined. The state is the part of the address after #, so that it can be linked.
(() => {
  const form = document.getElementById('part-filter');
  const count = document.getElementById('part-count');
  const claims = [...document.querySelectorAll('article.claim')].map((element) => ({
    element,
    part: element.dataset.part,
    verdict: element.dataset.verdict,
    outcome: element.dataset.outcome,
    text: element.textContent.toLowerCase(),
  }));
  const sections = [...document.querySelectorAll('.document-section, .document-part')];
  const groups = ['part', 'verdict', 'outcome'];

  const chosen = (group) => [...form.querySelectorAll(`input[name="${group}"]:checked`)].map(({ value }) => value);
  const setAll = (open) => {
    for (const { element } of claims) element.querySelector('details').open = open;
  };

  function show() {
    const wanted = groups.map((group) => [group, chosen(group)]);
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const claim of claims) {
      const { element, text } = claim;
      const fits =
        wanted.every(([group, values]) => values.length === 0 || values.includes(claim[group])) &&
        words.every((word) => text.includes(word));
      element.hidden = !fits;
      if (fits) shown += 1;
    }
    for (const section of sections) section.hidden = section.querySelector('article.claim:not([hidden])') === null;
    count.textContent = shown === claims.length ? `All ${shown} claims are shown.` : `${shown} of ${claims.length} claims are shown.`;
    document.body.classList.toggle('filtered', shown < claims.length);
  }

  function writeAddress() {
    const state = new URLSearchParams();
    for (const group of groups) if (chosen(group).length > 0) state.set(group, chosen(group).join());
    if (form.elements.text.value.trim() !== '') state.set('text', form.elements.text.value.trim());
    history.replaceState(null, '', `#${state}`);
  }

  // A filter has a = in it; the id of a claim has none.
  function readAddress() {
    const hash = location.hash.slice(1);
    if (hash.includes('=')) {
      const state = new URLSearchParams(hash);
      for (const group of groups) {
        const values = (state.get(group) ?? '').split(',');
        for (const box of form.querySelectorAll(`input[name="${group}"]`)) box.checked = values.includes(box.value);
      }
      form.elements.text.value = state.get('text') ?? '';
      show();
      return;
    }
    const target = hash === '' ? null : document.getElementById(decodeURIComponent(hash));
    if (target === null) return;
    if (target.closest('[hidden]') !== null) {
      form.reset();
      show();
    }
    const details = target.matches('article.claim') ? target.querySelector('details') : null;
    if (details !== null) details.open = true;
    target.scrollIntoView();
  }

  form.addEventListener('input', () => {
    show();
    writeAddress();
  });
  form.addEventListener('reset', () => {
    // The fields are empty only after this event.
    setTimeout(() => {
      show();
      writeAddress();
    });
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.elements.open.addEventListener('click', () => setAll(true));
  form.elements.close.addEventListener('click', () => setAll(false));
  addEventListener('hashchange', readAddress);

  // Where a browser gives no clipboard to a local file, the text is selected instead, so that one key copies it.
  function select(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = document.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    element.focus();
  }
  for (const button of document.querySelectorAll('button.copy')) {
    const label = button.firstChild;
    const text = button.closest('figure, .box').querySelector('pre');
    button.hidden = false;
    button.addEventListener('click', async () => {
      try {
        // The lines of a comparison begin with a mark or two blanks.
        await navigator.clipboard.writeText(text.dataset.plain ?? text.textContent);
        label.data = 'Copied';
      } catch {
        select(text);
        label.data = 'Selected: press Ctrl+C';
      }
    });
  }

  // Some browsers cannot open closed details for print by their style sheet.
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('details:not([open], .raw)')];
    for (const details of folded) details.open = true;
  });
  addEventListener('afterprint', () => {
    for (const details of folded) details.open = false;
  });

  form.hidden = false;
  show();
  readAddress();
})();

// Sorting, filtering and sliders of a report. Without this script everything is still there, in the order it was written.
'use strict';

(() => {
  const compare = new Intl.Collator('en', { numeric: true }).compare;

  // Sorting: a heading becomes a button; pressing it again turns the order around. Undefined numbers come last.
  const valueOf = (cell, isNumber) => {
    if (!isNumber) return cell.textContent;
    const text = cell.dataset.value ?? cell.textContent;
    return text.trim() === '' ? NaN : Number(text);
  };

  const sortBy = (table, column, order) => {
    const isNumber = table.tHead.rows[0].cells[column].classList.contains('n');
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row, index) => ({ row, index, value: valueOf(row.cells[column], isNumber) }));
    const sign = order === 'ascending' ? 1 : -1;
    keyed.sort((a, b) => {
      if (!isNumber) return sign * compare(a.value, b.value) || a.index - b.index;
      const aMissing = Number.isNaN(a.value), bMissing = Number.isNaN(b.value);
      if (aMissing || bMissing) return aMissing - bMissing || a.index - b.index;
      return sign * (a.value - b.value) || a.index - b.index;
    });
    body.append(...keyed.map((entry) => entry.row));
  };

  const makeSortable = (table) => {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...heading.childNodes);
      heading.append(button);
      heading.setAttribute('aria-sort', 'none');
      button.addEventListener('click', () => {
        // Numbers begin with the largest, which is what people look for.
        const first = heading.classList.contains('n') ? 'descending' : 'ascending';
        const second = first === 'descending' ? 'ascending' : 'descending';
        const order = heading.getAttribute('aria-sort') === first ? second : first;
        headings.forEach((other) => other.setAttribute('aria-sort', 'none'));
        heading.setAttribute('aria-sort', order);
        sortBy(table, column, order);
      });
    });
  };

  // Filtering: what remains holds every word of the box, wherever it stands.
  const makeFilter = (place) => {
    const noun = place.dataset.filter;
    const items = noun === 'rows' ? [...place.querySelector('tbody').rows] : [...place.querySelectorAll('[data-item]')];
    const texts = items.map((item) => {
      const parts = item.matches('tr') ? [...item.cells].map((cell) => cell.textContent) : [item.querySelector('h3').textContent];
      return parts.join(' ').toLowerCase();
    });
    const bar = document.createElement('div');
    bar.className = 'filter';
    const label = document.createElement('label');
    const box = document.createElement('input');
    box.type = 'search';
    box.placeholder = 'words to look for';
    box.setAttribute('spellcheck', 'false');
    const count = document.createElement('output');
    const show = (number) => { count.textContent = number === items.length ? `${number} ${noun}` : `${number} of ${items.length} ${noun}`; };
    label.append('Filter ', box);
    bar.append(label, count);
    place.prepend(bar);
    show(items.length);
    box.addEventListener('input', () => {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      let number = 0;
      items.forEach((item, index) => {
        const stays = words.every((word) => texts[index].includes(word));
        item.hidden = !stays;
        number += stays ? 1 : 0;
      });
      show(number);
    });
  };

  // Sliders: one for the examples of a pair. The picture is cut by the page, so the cut is counted within its tile.
  const moveTo = (pair, slider) => {
    const share = Number(slider.value) / 100;
    pair.style.setProperty('--cut', `${slider.value}%`);
    slider.setAttribute('aria-valuetext', `${slider.value} % after`);
    for (const wipe of pair.querySelectorAll('.wipe')) {
      const after = wipe.querySelector('.after');
      const width = parseFloat(after.style.width) / 100;
      const left = -parseFloat(after.style.left) / 100;
      // In shares of the whole picture's width.
      after.style.clipPath = `inset(0 ${100 * (1 - (left + share) / width)}% 0 0)`;
    }
  };

  document.querySelectorAll('.data table').forEach(makeSortable);
  document.querySelectorAll('[data-filter]').forEach(makeFilter);
  document.querySelectorAll('.pair').forEach((pair) => {
    const slider = pair.querySelector('input[type=range]');
    if (!slider) return;
    slider.addEventListener('input', () => moveTo(pair, slider));
    moveTo(pair, slider);
  });

  // The section that is being read.
  const links = new Map([...document.querySelectorAll('nav a')].map((link) => [link.hash.slice(1), link]));
  if (links.size > 1 && 'IntersectionObserver' in window) {
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        links.forEach((link) => link.removeAttribute('aria-current'));
        links.get(entry.target.id)?.setAttribute('aria-current', 'true');
      }
    }, { rootMargin: '-10% 0px -80% 0px' });
    document.querySelectorAll('main > section').forEach((section) => observer.observe(section));
  }
})();

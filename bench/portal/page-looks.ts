/**
 * Runs in every page of the portal, before its own scripts: from home to the year as a hand without delay goes, and when each was on the screen, UTC ms.
 * The page itself takes the times. A driver outside of it looks again only after up to half a second when a page has gone to another, as
 * the way to the identity provider and back does, and waits for pictures to come to rest before it clicks.
 */
export const PAGE_LOOKS = `
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const now = () => performance.timeOrigin + performance.now();
  const when = (find) => new Promise((done, fail) => {
    setTimeout(() => fail(new Error('never on the screen: ' + find)), 30_000);
    const look = () => {
      const found = find();
      if (!found) return;
      observer.disconnect();
      done(found);
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { childList: true, subtree: true, characterData: true });
    look();
  });
  const one = (selector, text) => [...document.querySelectorAll(selector)].find((element) => text.test(element.textContent));
  const isWaiting = () => document.querySelector('#content .skeleton') !== null;
  globalThis.looks = (async () => {
    await when(() => document.querySelectorAll('.figure-large').length >= 2 && !isWaiting());
    await painted();
    const home = now();
    one('nav a', /^Usage$/).click();
    (await when(() => one('[role="tab"]', /^Year$/))).click();
    await when(() => one('.stepper h2', /^[0-9]{4}$/) && document.querySelector('.bars-plot svg') && !isWaiting());
    await painted();
    return { home, year: now() };
  })();
`;

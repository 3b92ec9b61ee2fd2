/**
 * What runs in the browser, on the sign-in page and on that of passkeys; both work without it. A file of its own, so that the pages need
 * no script within them.
 */
export const PASSKEY_SCRIPT = `'use strict';
const told = document.getElementById('told');
const say = (text) => { if (told) told.textContent = text; };
const post = async (path, body) => {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error('refused');
  return answer.json();
};
const able = typeof PublicKeyCredential === 'function' && 'parseCreationOptionsFromJSON' in PublicKeyCredential;
const during = (button, work) => async () => {
  button.disabled = true;
  say('');
  try {
    await work();
  } catch {
    say(told.dataset.failed);
  }
  button.disabled = false;
};
const signIn = document.getElementById('passkey');
if (able && signIn) {
  const place = signIn.dataset.place;
  signIn.hidden = false;
  signIn.addEventListener('click', during(signIn, async () => {
    const options = await post(place + '/passkey-options', {});
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials.get({ publicKey });
    const { location: next } = await post(place + '/passkey', credential.toJSON());
    location.assign(next);
  }));
}
const add = document.getElementById('add');
if (able && add) {
  add.hidden = false;
  add.addEventListener('click', during(add, async () => {
    const options = await post('/passkeys/options', {});
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    const credential = await navigator.credentials.create({ publicKey });
    await post('/passkeys/add', credential.toJSON());
    location.reload();
  }));
}
`;

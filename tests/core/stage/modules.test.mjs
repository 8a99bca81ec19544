/** Each module of the stage can be loaded, and so tested, where there is no browser. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';

const folder = new URL('../../../core/stage/', import.meta.url);
const modules = readdirSync(folder).filter((name) => name.endsWith('.js'));

for (const name of modules)
  test(`${name} is loaded without a page`, async () => {
    const module = await import(new URL(name, folder).href);
    assert.equal(typeof module.default, name === 'stage.js' ? 'function' : 'undefined');
  });

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openDatabase, VERSION } from './schema.ts';

test('a spool of the version before is taken over with what is in it', (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-schema-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'spool.db');
  const old = openDatabase(file);
  old.exec(`
    INSERT INTO delivery (message, part, domain, state, next, attempts, received, size, delay_notified, source, sender, recipients)
      VALUES (7, 0, 'a.example', 0, 1, 2, 3, 4, 0, 'src_a', 'x@y.example', '[]');
    DROP INDEX delivery_rerouted;
    ALTER TABLE delivery DROP COLUMN route;
    PRAGMA user_version = 1;
  `);
  old.close();
  const opened = openDatabase(file);
  assert.deepEqual(
    { ...opened.prepare('SELECT message, attempts, route FROM delivery').get() },
    { message: 7, attempts: 2, route: null },
  );
  assert.deepEqual({ ...opened.prepare('PRAGMA user_version').get() }, { user_version: VERSION });
  opened.prepare('UPDATE delivery SET route = ?').run('other');
  opened.close();
  openDatabase(file).close();
});

test('a spool of a later version is not touched', (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-schema-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'spool.db');
  const database = openDatabase(file);
  database.exec(`PRAGMA user_version = ${VERSION + 1}`);
  database.close();
  assert.throws(() => openDatabase(file), /this Postern knows version/);
});

// Loaded with `node -r` before anything else, so that a Node too old gets a sentence instead of a syntax error.
// Written in ES5 for that reason. node-version.test.ts holds it to package.json's `engines`.
'use strict';

function isNewEnough(version) {
  var parts = version.split('.').map(Number);
  var major = parts[0];
  var minor = parts[1];
  if (major === 20) return minor >= 19;
  if (major === 22) return minor >= 12;
  return major > 22;
}

if (!isNewEnough(process.versions.node)) {
  console.error(
    'Eosin needs Node 20.19 or newer (22.12 or newer of the 22 line), but this is Node ' +
      process.versions.node +
      ': install a current Node, then run the command again.',
  );
  process.exit(1);
}

module.exports = { isNewEnough: isNewEnough };

// Uploads a file with tus-js-client, as its documentation has it: node tus_upload.cjs '{"file": …, "stopAfter": …}'
// Prints {"resumed": offset, "id", "url"}, or {"stopped": true} where it was told to hang up in the middle.
const fs = require("node:fs");
const { PassThrough } = require("node:stream");
const asked = JSON.parse(process.argv[2]);
const tus = require(asked.client);

let resumed = 0;
const file = fs.createReadStream(asked.file);
// A stream, whose length nobody knows, where it is told last.
const upload = new tus.Upload(asked.deferred ? file.pipe(new PassThrough()) : file, {
  endpoint: asked.endpoint,
  headers: { Authorization: `Bearer ${asked.key}` },
  metadata: asked.metadata,
  chunkSize: asked.chunkSize || Infinity,
  retryDelays: [0, 100, 200, 400, 800, 1600, 3200],
  urlStorage: new tus.FileUrlStorage(asked.memory),
  uploadDataDuringCreation: Boolean(asked.duringCreation),
  uploadLengthDeferred: Boolean(asked.deferred),
  onAfterResponse(request, response) {
    if (request.getMethod() === "HEAD" && !resumed) resumed = Number(response.getHeader("Upload-Offset"));
  },
  onProgress(sent) {
    if (asked.stopAfter && sent >= asked.stopAfter) {
      console.log(JSON.stringify({ stopped: true }));
      process.exit(0);
    }
  },
  onSuccess({ lastResponse }) {
    const header = (name) => lastResponse.getHeader(name) ?? null;
    console.log(JSON.stringify({ resumed, id: header("X-Picora-Id"), url: header("X-Picora-Url") }));
  },
  onError(error) {
    console.log(JSON.stringify({ error: String(error) }));
    process.exit(1);
  },
});
upload.findPreviousUploads().then((found) => {
  if (found.length) upload.resumeFromPreviousUpload(found[0]);
  upload.start();
});

// Calls every endpoint of the npm package vtubestudio and waits for events; prints one line of JSON a check.
// node all_calls.js URL TOKEN_OR_EMPTY

const { ApiClient } = require("vtubestudio");
const WebSocket = require("ws");

const [url, kept] = process.argv.slice(2);
let token = kept || null;
let failed = 0;

function told(check, ok, more) {
  if (!ok) failed += 1;
  process.stdout.write(`${JSON.stringify({ check, ok, ...more })}\n`);
}

async function good(check, call, right = () => true) {
  try {
    const answer = await call();
    told(check, Boolean(right(answer)), { answer });
    return answer;
  } catch (error) {
    told(check, false, { error: String(error), data: error.data });
    return null;
  }
}

async function bad(check, call, errorID) {
  try {
    told(check, false, { answer: await call() });
  } catch (error) {
    told(check, error.data?.errorID === errorID, { got: error.data, error: String(error) });
  }
}

const client = new ApiClient({
  authTokenGetter: async () => token,
  authTokenSetter: async (given) => {
    token = given;
    process.stdout.write(`${JSON.stringify({ token })}\n`);
  },
  pluginName: "All Calls",
  pluginDeveloper: "AIsChoco tests",
  url,
  webSocketFactory: (address) => new WebSocket(address),
});

const connected = new Promise((resolve) => client.on("connect", resolve));
// Subscribes; gives a function that waits for the event.
async function event(name, config, more = () => true) {
  let come;
  const came = new Promise((resolve) => (come = resolve));
  await client.events[name].subscribe((data) => more(data) && come(data), config);
  return async () => {
    let late;
    const never = new Promise((_, reject) => (late = setTimeout(() => reject(new Error(`no ${name}`)), 15000)));
    try {
      return await Promise.race([came, never]);
    } finally {
      clearTimeout(late);
    }
  };
}

async function main() {
  await connected;
  await good("apiState", () => client.apiState(), (a) => a.active && a.currentSessionAuthenticated);
  await good("statistics", () => client.statistics(), (a) => a.connectedPlugins === 1 && a.uptime >= 0);
  await good("vtsFolderInfo", () => client.vtsFolderInfo(), (a) => a.models && a.items);
  const model = await good("currentModel", () => client.currentModel(), (a) => a.modelLoaded && a.modelPosition.size === 0);
  await good("availableModels", () => client.availableModels(), (a) => a.availableModels[0].modelID === model.modelID);
  await bad("modelLoad of another", () => client.modelLoad({ modelID: "no such model" }), 152);
  const loaded = await event("modelLoaded", {}, (data) => data.modelLoaded);
  const moved = await event("modelMoved", {}, (data) => data.modelPosition.positionX === 0.2);
  await good("modelLoad", () => client.modelLoad({ modelID: model.modelID }));
  await good("modelLoaded event", loaded, (a) => a.modelID === model.modelID);
  await good("moveModel", () => client.moveModel({ timeInSeconds: 0.1, valuesAreRelativeToModel: false, positionX: 0.2 }));
  await good("modelMoved event", moved);
  await bad("moveModel too far", () => client.moveModel({ timeInSeconds: 0, valuesAreRelativeToModel: false, rotation: 999 }), 302);
  const keys = await good("hotkeysInCurrentModel", () => client.hotkeysInCurrentModel(), (a) => a.availableHotkeys.length >= 6);
  const pressed = await event("hotkeyTriggered", {});
  const played = await event("modelAnimation", {}, (data) => data.animationEventType === "End");
  const gesture = keys.availableHotkeys.find((key) => key.type === "TriggerAnimation");
  await good("hotkeyTrigger", () => client.hotkeyTrigger({ hotkeyID: gesture.hotkeyID }), (a) => a.hotkeyID === gesture.hotkeyID);
  await good("hotkeyTriggered event", pressed, (a) => a.hotkeyName === gesture.name && a.hotkeyTriggeredByAPI);
  await good("modelAnimation event", played, (a) => a.animationLength > 0);
  await bad("hotkeyTrigger of none", () => client.hotkeyTrigger({ hotkeyID: "no such key" }), 202);
  await good("expressionActivation", () => client.expressionActivation({ expressionFile: "happy.exp3.json", active: true }));
  await good("expressionState", () => client.expressionState({ details: true, expressionFile: "happy.exp3.json" }), (a) => a.expressions[0].active);
  await bad("expressionActivation of none", () => client.expressionActivation({ expressionFile: "no.exp3.json", active: true }), 651);
  await good("artMeshList", () => client.artMeshList(), (a) => a.artMeshNames.length === a.numberOfArtMeshNames);
  const tint = { colorR: 255, colorG: 150, colorB: 0, colorA: 255 };
  await good("colorTint", () => client.colorTint({ colorTint: tint, artMeshMatcher: { tintAll: false, nameContains: ["hair"] } }), (a) => a.matchedArtMeshes === 4);
  await bad("colorTint of no colour", () => client.colorTint({ colorTint: { ...tint, colorR: 300 }, artMeshMatcher: { tintAll: true } }), 252);
  await good("sceneColorOverlayInfo", () => client.sceneColorOverlayInfo(), (a) => a.leftCapturePart.active === false);
  const faced = await event("trackingStatusChanged", {}, (data) => data.faceFound);
  await good("inputParameterList", () => client.inputParameterList(), (a) => a.defaultParameters.some((p) => p.name === "FaceAngleX" && p.max === 30));
  await good("parameterCreation", () => client.parameterCreation({ parameterName: "AllCalls1", explanation: "a test", min: -1, max: 1, defaultValue: 0.5 }));
  await good("parameterValue", () => client.parameterValue({ name: "AllCalls1" }), (a) => a.value === 0.5 && a.addedBy === "All Calls");
  await good("injectParameterData", () => client.injectParameterData({ faceFound: true, mode: "set", parameterValues: [{ id: "FaceAngleX", value: 12.5 }, { id: "AllCalls1", value: -1, weight: 0.5 }] }));
  await good("trackingStatusChanged event", faced);
  await good("faceFound", () => client.faceFound(), (a) => a.found === true);
  await good("what was injected", () => client.parameterValue({ name: "FaceAngleX" }), (a) => a.value === 12.5);
  await good("live2DParameterList", () => client.live2DParameterList(), (a) => a.parameters.find((p) => p.name === "ParamAngleX").value === 12.5);
  await bad("injectParameterData of a Live2D name", () => client.injectParameterData({ parameterValues: [{ id: "ParamMouthOpenY", value: 1 }] }), 453);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  await good("a value is let go after a second", () => client.parameterValue({ name: "FaceAngleX" }), (a) => a.value === 0);
  await good("parameterDeletion", () => client.parameterDeletion({ parameterName: "AllCalls1" }));
  await bad("parameterDeletion again", () => client.parameterDeletion({ parameterName: "AllCalls1" }), 401);
  await good("getCurrentModelPhysics", () => client.getCurrentModelPhysics(), (a) => a.modelHasPhysics === false);
  await bad("setCurrentModelPhysics", () => client.setCurrentModelPhysics({ strengthOverrides: [], windOverrides: [] }), 701);
  await good("ndiConfig", () => client.ndiConfig({ setNewConfig: false, ndiActive: false, useNDI5: false, useCustomResolution: false, customWidthNDI: 0, customHeightNDI: 0 }));
  await good("itemList", () => client.itemList({ includeAvailableSpots: true, includeItemInstancesInScene: true, includeAvailableItemFiles: true }), (a) => a.itemsInSceneCount === 0);
  await bad("itemLoad", () => client.itemLoad({ fileName: "no.png" }), 751);
  await good("itemUnload", () => client.itemUnload({ unloadAllInScene: true, unloadAllLoadedByThisPlugin: false, allowUnloadingItemsLoadedByUserOrOtherPlugins: false, instanceIDs: [], fileNames: [] }));
  await good("itemMove", () => client.itemMove({ itemsToMove: [{ itemInstanceID: "none" }] }), (a) => a.movedItems[0].errorID === 900);
  await bad("itemAnimationControl", () => client.itemAnimationControl({ itemInstanceID: "none", framerate: 1, frame: 0, brightness: 1, opacity: 1, setAutoStopFrames: false, autoStopFrames: [], setAnimationPlayState: false, animationPlayState: false }), 850);
  await bad("itemSort", () => client.itemSort({ itemInstanceID: "none" }), 1250);
  await bad("itemPin", () => client.itemPin({ itemInstanceID: "none", pin: false }), 1050);
  await good("artMeshSelection", () => client.artMeshSelection({ requestedArtMeshCount: 0 }), (a) => a.success === false);
  await good("postProcessingList", () => client.postProcessingList({}), (a) => a.postProcessingSupported === false);
  await good("postProcessingUpdate", () => client.postProcessingUpdate({ postProcessingOn: true }), (a) => a.postProcessingActive === false);
  await good("permission", () => client.permission({ requestedPermission: "LoadCustomImagesAsItems" }), (a) => a.grantSuccess === false);
  await good("test event", await event("test", { testMessageForEvent: "hello" }), (a) => a.yourTestMessage === "hello" && a.counter === 1);
  await good("modelOutline event", await event("modelOutline", {}), (a) => a.convexHull.length > 3);
  for (const name of Object.keys(client.events)) await good(`${name} subscription`, () => client.events[name].subscribe(() => {}, {}));
  process.stdout.write(`${JSON.stringify({ done: true, failed })}\n`);
  client.disconnect();
}

main().then(() => process.exit(failed ? 1 : 0), (error) => {
  told("the end", false, { error: String(error.stack ?? error) });
  process.exit(1);
});

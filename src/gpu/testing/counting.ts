// Counts what a device has made and not destroyed yet, whoever asks it: our kernels or the runtime.
export interface LiveCount {
  buffers(): number;
  textures(): number;
  bytes(): number; // of buffers
}

/** Wraps the device's own methods: the device goes on as itself, so that the runtime takes it. */
export function countLive(device: GPUDevice): LiveCount {
  const buffers = new Map<GPUBuffer, number>();
  const textures = new Set<GPUTexture>();
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    buffers.set(buffer, descriptor.size);
    buffer.destroy = () => {
      buffers.delete(buffer);
      return destroy();
    };
    return buffer;
  };
  const createTexture = device.createTexture.bind(device);
  device.createTexture = (descriptor) => {
    const texture = createTexture(descriptor);
    const destroy = texture.destroy.bind(texture);
    textures.add(texture);
    texture.destroy = () => {
      textures.delete(texture);
      return destroy();
    };
    return texture;
  };
  return {
    buffers: () => buffers.size,
    textures: () => textures.size,
    bytes: () => [...buffers.values()].reduce((sum, size) => sum + size, 0),
  };
}

package io.scopegate.gateway.otlp;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What is around records in a request: who they are from, the same in each.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/resource/">resource attributes</a>
 */
final class OtlpEnvelope {
  private static final int USUAL_BYTES = 512;
  private static final int ITEMS = 2;
  private static final int SCOPE = 1;
  private static final int RESOURCES = 1;
  private static final int NAME = 1;
  private static final int VERSION = 2;
  private static final String SCOPE_NAME = "io.scopegate";

  /** This process, as long as it runs. */
  private static final String INSTANCE = UUID.randomUUID().toString();

  private final byte[] resource;
  private final byte[] scope;
  private final ProtoBytes out = new ProtoBytes(USUAL_BYTES);

  private OtlpEnvelope(byte[] resource, byte[] scope) {
    this.resource = resource;
    this.scope = scope;
  }

  /** That of this process; for one thread. */
  static OtlpEnvelope of(OtlpConfig config, String version) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("service.name", "scopegate");
    all.put("service.version", version);
    all.put("service.instance.id", INSTANCE);
    String host = System.getenv("HOSTNAME");
    if (host != null) {
      all.put("host.name", host);
    }
    all.putAll(config.resource());
    ProtoBytes resource = new ProtoBytes(USUAL_BYTES);
    Attributes attributes = new Attributes(resource, 1);
    all.forEach((name, value) -> attributes.text(AttributeKey.of(name), value));
    ProtoBytes scope = new ProtoBytes(USUAL_BYTES);
    scope.text(NAME, SCOPE_NAME, Attributes.MOST_CHARS).text(VERSION, version, 100);
    return new OtlpEnvelope(resource.toByteArray(), scope.toByteArray());
  }

  /** A whole request. */
  byte[] around(List<byte[]> records) {
    out.clear();
    int all = out.begin(RESOURCES);
    out.bytes(1, resource);
    int scoped = out.begin(2);
    out.bytes(SCOPE, scope);
    records.forEach(record -> out.bytes(ITEMS, record));
    out.end(scoped);
    out.end(all);
    return out.toByteArray();
  }
}

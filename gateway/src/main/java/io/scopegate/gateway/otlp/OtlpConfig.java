package io.scopegate.gateway.otlp;

import io.scopegate.config.Key;
import io.scopegate.config.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A receiver of OTLP over HTTP.
 *
 * @param endpoint its URL; the path of the signal is put behind it when it has none
 * @param tenant the tenant that it stores for; null for no header
 * @param headers sent with each request
 * @param resource attributes of the resource, besides the gateway's own
 * @param timeout how long one request may take
 * @param tls how its certificate is checked; matters for {@code https} only
 */
public record OtlpConfig(
    @Key(
            doc =
                "URL of the receiver (OTLP over HTTP in protobuf), such as"
                    + " `http://tempo-distributor.monitoring.svc:4318`. Without a path `/v1/traces` or"
                    + " `/v1/logs` is added.",
            reload = Key.Reload.AT_ONCE)
        String endpoint,
    @Key(
            doc = "Tenant that it is stored for, sent as `X-Scope-OrgID`; null: no such header.",
            reload = Key.Reload.AT_ONCE)
        @Nullable String tenant,
    @Key(
            doc =
                "Further headers of each request, by name, such as"
                    + " `authorization: \"Bearer ${TOKEN}\"`.",
            def = "{}",
            reload = Key.Reload.AT_ONCE)
        Map<String, Secret> headers,
    @Key(
            doc =
                "Attributes of the resource, by name, besides `service.name`, `service.version`,"
                    + " `service.instance.id` and `host.name`, which may be given as well.",
            def = "{}",
            reload = Key.Reload.AT_ONCE)
        Map<String, String> resource,
    @Key(
            doc = "How long one request to the receiver may take.",
            def = "10s",
            min = 100,
            max = 60_000,
            reload = Key.Reload.AT_ONCE)
        Duration timeout,
    @Key(doc = "TLS to the receiver, with an `https` URL.") OtlpTlsConfig tls) {
  /** The header of a tenant in Tempo and Loki. */
  static final String TENANT_HEADER = "X-Scope-OrgID";

  /** Copies the maps, keeping their order. */
  public OtlpConfig {
    headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    resource = Collections.unmodifiableMap(new LinkedHashMap<>(resource));
  }

  /** Whether a receiver may have this URL: http or https, a host, and neither user nor query. */
  public static boolean isUsableUrl(String url) {
    try {
      URI uri = new URI(url);
      return uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && uri.getPort() <= 65_535;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** Whether its connections are TLS. */
  public boolean isEncrypted() {
    return endpoint.startsWith("https:");
  }

  /** Where a signal is sent to. */
  URI url(OtlpSignal signal) {
    URI uri = URI.create(endpoint);
    String path = uri.getRawPath();
    return path.isEmpty() || path.equals("/")
        ? URI.create(endpoint.replaceFirst("/$", "") + signal.path())
        : uri;
  }
}

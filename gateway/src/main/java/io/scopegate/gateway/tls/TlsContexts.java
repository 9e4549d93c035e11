package io.scopegate.gateway.tls;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.scopegate.authz.http.MemoryKeyStore;
import java.util.Arrays;
import java.util.List;

/** What every TLS context here has in common. */
public final class TlsContexts {
  private TlsContexts() {}

  /**
   * Sets the provider, the versions, the suites that HTTP/2 allows, and ALPN.
   *
   * @param provider who does the work
   * @param protocols what ALPN offers, the best first
   * @param oldest the lowest version
   */
  public static SslContextBuilder common(
      SslContextBuilder builder,
      SslProvider provider,
      List<String> protocols,
      TlsConfig.MinVersion oldest) {
    return builder
        .sslProvider(provider)
        .keyStoreType(MemoryKeyStore.type())
        .protocols(versions(oldest))
        .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                protocols));
  }

  private static List<String> versions(TlsConfig.MinVersion oldest) {
    return Arrays.stream(TlsConfig.MinVersion.values())
        .filter(version -> version.compareTo(oldest) >= 0)
        .map(TlsConfig.MinVersion::toString)
        .toList();
  }
}

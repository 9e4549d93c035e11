package io.scopegate.gateway.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who does the work of TLS. */
public enum TlsProvider {
  /** BoringSSL where there is one for the platform and it knows the key, otherwise the JDK. */
  AUTO,
  /** The JDK, with the security providers that it is set up with. BoringSSL is not even loaded. */
  JDK;

  /** What BoringSSL signs handshakes with as Netty sets it up; the JDK knows others too. */
  private static final Set<String> NATIVE = Set.of("RSA", "EC");

  /**
   * For connections that show this identity.
   *
   * @param identity null for none
   */
  SslProvider of(@Nullable TlsIdentity identity) {
    boolean isNative = identity == null || NATIVE.contains(identity.key().getAlgorithm());
    return this == AUTO && isNative && OpenSsl.isAvailable()
        ? SslProvider.OPENSSL_REFCNT
        : SslProvider.JDK;
  }
}

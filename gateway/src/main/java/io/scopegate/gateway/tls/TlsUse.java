package io.scopegate.gateway.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.util.Collection;
import java.util.List;

/**
 * The TLS provider and files in use at one place.
 *
 * @param providers the TLS providers: {@code BoringSSL}, {@code JDK}, or both
 * @param files how long its files are good
 */
public record TlsUse(List<String> providers, List<TlsFile> files) {
  private static final String JDK = "JDK";

  /** Copies the lists. */
  public TlsUse {
    providers = List.copyOf(providers);
    files = List.copyOf(files);
  }

  /**
   * For these identities, or for none.
   *
   * @param identities each with a context of its own
   * @param wanted who is to do the work
   */
  static TlsUse of(Collection<TlsIdentity> identities, List<TlsFile> files, TlsProvider wanted) {
    List<String> providers =
        identities.isEmpty()
            ? List.of(name(wanted.of(null)))
            : identities.stream().map(i -> name(wanted.of(i))).distinct().sorted().toList();
    return new TlsUse(providers, files);
  }

  /** The name of a provider: that of the native library, or JDK. */
  private static String name(SslProvider provider) {
    return provider == SslProvider.JDK ? JDK : OpenSsl.versionString();
  }
}

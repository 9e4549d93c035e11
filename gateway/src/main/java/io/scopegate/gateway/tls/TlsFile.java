package io.scopegate.gateway.tls;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * The expiry of a file of certificates.
 *
 * @param path the file
 * @param notAfter when it expires
 */
public record TlsFile(Path path, Instant notAfter) {

  /** For a chain, which expires with the first of its certificates. */
  public static TlsFile chain(Path path, List<X509Certificate> certificates) {
    return new TlsFile(path, ends(certificates).get(0));
  }

  /** For a file of authorities, which expires with the last of them. */
  public static TlsFile authorities(Path path, List<X509Certificate> certificates) {
    List<Instant> ends = ends(certificates);
    return new TlsFile(path, ends.get(ends.size() - 1));
  }

  private static List<Instant> ends(List<X509Certificate> certificates) {
    return certificates.stream()
        .map(c -> c.getNotAfter().toInstant())
        .sorted(Comparator.naturalOrder())
        .toList();
  }
}

package io.scopegate.gateway.tls;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * How long a file of certificates is good.
 *
 * @param path the file
 * @param notAfter when it is good for nothing any more
 */
public record TlsFile(Path path, Instant notAfter) {

  /** Of a chain, which ends with its first certificate that does. */
  public static TlsFile chain(Path path, List<X509Certificate> certificates) {
    return new TlsFile(path, ends(certificates).get(0));
  }

  /** Of authorities, which end with the last of them. */
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

package io.scopegate.gateway.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is registered for a server's name, as <a
 * href="https://datatracker.ietf.org/doc/html/rfc9525#section-6.3">RFC 9525</a> has certificates
 * matched: by a name itself, else by a wildcard, which stands for the first label. Not for several
 * threads while it is filled.
 *
 * @param <T> what a name leads to
 */
public final class ServerNames<T> {
  private static final int DNS_NAME = 2; // https://datatracker.ietf.org/doc/html/rfc5280 4.2.1.6
  private static final String WILDCARD = "*";

  private final Map<String, T> byName = new HashMap<>();

  /** The DNS names of a certificate in lower case, wildcards included; its CN is none. */
  public static List<String> of(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    for (List<?> name : alternatives(certificate)) {
      if (name.get(0).equals(DNS_NAME) && name.get(1) instanceof String dns) {
        names.add(dns.toLowerCase(Locale.ROOT));
      }
    }
    return names;
  }

  private static Collection<List<?>> alternatives(X509Certificate certificate) {
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      return all == null ? List.of() : all;
    } catch (CertificateParsingException e) {
      return List.of(); // a name that cannot be read is none
    }
  }

  /**
   * Leads a name somewhere.
   *
   * @return where it leads already; null when it led nowhere until now
   */
  public @Nullable T add(String name, T to) {
    return byName.putIfAbsent(name, to);
  }

  /**
   * Where a name leads.
   *
   * @param name in lower case
   * @return null when it leads nowhere
   */
  public @Nullable T find(String name) {
    T exact = byName.get(name);
    int dot = name.indexOf('.');
    return exact != null || dot < 0 ? exact : byName.get(WILDCARD + name.substring(dot));
  }
}

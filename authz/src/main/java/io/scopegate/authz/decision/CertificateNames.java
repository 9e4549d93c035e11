package io.scopegate.authz.decision;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * What a certificate says of its owner, each list in the certificate's order.
 *
 * @param commonNames CN
 * @param organizations O
 * @param units OU
 * @param uris URIs among the alternative names
 * @param dnsNames DNS names among them
 * @param emails e-mail addresses among them
 */
record CertificateNames(
    List<String> commonNames,
    List<String> organizations,
    List<String> units,
    List<String> uris,
    List<String> dnsNames,
    List<String> emails) {

  /** https://datatracker.ietf.org/doc/html/rfc5280#section-4.2.1.6 */
  private static final int EMAIL = 1;

  private static final int DNS = 2;
  private static final int URI = 6;

  CertificateNames {
    commonNames = List.copyOf(commonNames);
    organizations = List.copyOf(organizations);
    units = List.copyOf(units);
    uris = List.copyOf(uris);
    dnsNames = List.copyOf(dnsNames);
    emails = List.copyOf(emails);
  }

  /** Reads the names; null when one of them is not text, or holds invisible characters. */
  static @Nullable CertificateNames of(X509Certificate certificate) {
    CertificateNames.Collected names = new Collected();
    try {
      String subject = certificate.getSubjectX500Principal().getName(X500Principal.RFC2253);
      for (Rdn rdn : new LdapName(subject).getRdns()) { // the first one first
        for (Attribute attribute : attributes(rdn)) {
          if (!names.take(attribute)) {
            return null;
          }
        }
      }
      return names.takeAlternatives(certificate) ? names.names() : null;
    } catch (NamingException | CertificateParsingException e) {
      return null;
    }
  }

  /** A part of a name may itself have several parts. */
  private static List<Attribute> attributes(Rdn rdn) throws NamingException {
    List<Attribute> attributes = new ArrayList<>();
    var all = rdn.toAttributes().getAll();
    while (all.hasMore()) {
      attributes.add(all.next());
    }
    return attributes;
  }

  private static final class Collected {
    final List<String> commonNames = new ArrayList<>();
    final List<String> organizations = new ArrayList<>();
    final List<String> units = new ArrayList<>();
    final List<String> uris = new ArrayList<>();
    final List<String> dnsNames = new ArrayList<>();
    final List<String> emails = new ArrayList<>();

    CertificateNames names() {
      return new CertificateNames(commonNames, organizations, units, uris, dnsNames, emails);
    }

    boolean takeAlternatives(X509Certificate certificate) throws CertificateParsingException {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      for (List<?> alternative : all == null ? List.<List<?>>of() : all) {
        List<String> names = alternatives((Integer) alternative.get(0));
        if (names != null && alternative.get(1) instanceof String name) {
          if (!isPrintable(name)) {
            return false;
          }
          names.add(name);
        }
      }
      return true;
    }

    private @Nullable List<String> alternatives(int type) {
      return switch (type) {
        case EMAIL -> emails;
        case DNS -> dnsNames;
        case URI -> uris;
        default -> null;
      };
    }

    boolean take(Attribute attribute) throws NamingException {
      List<String> names = named(attribute.getID());
      if (names == null) {
        return true;
      }
      for (int i = 0; i < attribute.size(); i++) {
        if (!(attribute.get(i) instanceof String name) || !isPrintable(name)) {
          return false;
        }
        names.add(name);
      }
      return true;
    }

    private @Nullable List<String> named(String type) {
      return switch (type.toUpperCase(Locale.ROOT)) {
        case "CN" -> commonNames;
        case "O" -> organizations;
        case "OU" -> units;
        default -> null;
      };
    }

    private static boolean isPrintable(String name) {
      return name.codePoints().noneMatch(Collected::isHidden);
    }

    private static boolean isHidden(int c) {
      return switch (Character.getType(c)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.SURROGATE,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR ->
            true;
        default -> c == 0xFFFD;
      };
    }
  }
}

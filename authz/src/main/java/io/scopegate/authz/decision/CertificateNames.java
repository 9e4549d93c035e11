package io.scopegate.authz.decision;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * What the subject of a certificate says, each list in the certificate's order.
 *
 * @param commonNames CN
 * @param organizations O
 * @param units OU
 */
record CertificateNames(List<String> commonNames, List<String> organizations, List<String> units) {

  CertificateNames {
    commonNames = List.copyOf(commonNames);
    organizations = List.copyOf(organizations);
    units = List.copyOf(units);
  }

  /** Reads a subject; null when a name in it is not text, or holds invisible characters. */
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
    } catch (NamingException e) {
      return null;
    }
    return new CertificateNames(names.commonNames, names.organizations, names.units);
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

package io.scopegate.authz;

/** Which name of a client certificate is the user; there must be exactly one of it. */
public enum CertificateUser {
  /** The CN of the subject, as Kubernetes has it. */
  CN("one CN"),
  /** A URI among the alternative names, as SPIFFE has it. */
  URI("one URI among its alternative names"),
  /** A DNS name among the alternative names. */
  DNS("one DNS name among its alternative names"),
  /** An e-mail address among the alternative names. */
  EMAIL("one e-mail address among its alternative names");

  private final String expected;

  CertificateUser(String expected) {
    this.expected = expected;
  }

  /** What a certificate needs, for example {@code one CN}. */
  public String expected() {
    return expected;
  }
}

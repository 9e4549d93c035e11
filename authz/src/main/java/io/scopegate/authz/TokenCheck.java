package io.scopegate.authz;

/** What the gateway itself found out about a token, without asking the API server. */
public enum TokenCheck {
  /** Valid signature of an issuer whose keys are loaded, and not expired. */
  GOOD(""),
  /** In the file of static tokens. */
  STATIC(""),
  /** Opaque or of an issuer whose keys are not known: the API server is asked. */
  FOREIGN(""),
  /** Not decidable now: the issuer's keys are not loaded, or there may be a new one. */
  UNDECIDED("the keys of the token's issuer are not known yet"),
  /** Too many tokens wait for their signature to be verified. */
  BUSY("too many tokens wait for their signatures to be checked"),
  /** Not the compact form of a signed JWT, or with contents that no issuer writes. */
  MALFORMED("the token is not a well-formed JWT"),
  /** {@code none}, symmetric, or otherwise not accepted. */
  ALGORITHM("the token is signed by an algorithm that is not accepted"),
  /** Not by any of the issuer's keys. */
  SIGNATURE("the token's signature is not that of its issuer"),
  /** Past its {@code exp}. */
  EXPIRED("the token has expired"),
  /** Before its {@code nbf}. */
  NOT_YET("the token is not valid yet"),
  /** For somebody else. */
  AUDIENCE("the token is meant for another audience"),
  /** Without a claim that is needed, or with one that is not accepted. */
  CLAIMS("a claim of the token is missing or not accepted"),
  /** Opaque or of another issuer, where those are refused. */
  FOREIGN_REFUSED("the token is not of an issuer that is accepted here");

  private final String words;

  TokenCheck(String words) {
    this.words = words;
  }

  /** The reason for the caller; empty when the token is not refused. */
  public String words() {
    return words;
  }
}

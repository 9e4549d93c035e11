package io.scopegate.testkit.kubernetes;

/**
 * How a {@link KubernetesStandIn} is started.
 *
 * @param port 0 for any free one
 * @param tls with a certificate of its own authority, or in clear text
 * @param issuer the {@code iss} of service accounts' tokens
 */
public record KubernetesOptions(int port, boolean tls, String issuer) {

  /** TLS on any free port. */
  public static KubernetesOptions defaults() {
    return new KubernetesOptions(0, true, "https://kubernetes.default.svc.cluster.local");
  }

  /** These options without TLS. */
  public KubernetesOptions clearText() {
    return new KubernetesOptions(port, false, issuer);
  }

  /** On this port. */
  public KubernetesOptions withPort(int number) {
    return new KubernetesOptions(number, tls, issuer);
  }
}

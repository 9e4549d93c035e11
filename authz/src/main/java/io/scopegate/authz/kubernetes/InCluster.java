package io.scopegate.authz.kubernetes;

import io.scopegate.config.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/**
 * The API server as a pod sees it: address from the environment, token and CA from the mounted
 * service account. See <a
 * href="https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/">Accessing the
 * Kubernetes API from a Pod</a>.
 */
final class InCluster implements ClusterAccess {
  private final Map<String, String> environment;
  private final Path serviceAccount;

  InCluster(Map<String, String> environment, Path serviceAccount) {
    this.environment = environment;
    this.serviceAccount = serviceAccount;
  }

  @Override
  public Cluster read() throws ClusterAccessException {
    URI server = URI.create("https://" + host() + ":" + port());
    Secret token = AccessFiles.token(serviceAccount.resolve("token"));
    return new Cluster(
        server,
        AccessFiles.text(serviceAccount.resolve("ca.crt"), "service account CA"),
        false,
        null,
        null,
        null,
        token,
        Account.of(serviceAccount.resolve("token").toString(), null, token)
            .withRemedy(
                "check that the Pod's service account still exists and that the Pod runs in this"
                    + " cluster; a new Pod gets a new token"));
  }

  private String host() throws ClusterAccessException {
    String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
    if (host.isEmpty()) {
      throw new ClusterAccessException(
          "authentication.kubernetes.kubeconfig: null",
          "the path of a kubeconfig file, since this is not a pod: KUBERNETES_SERVICE_HOST is not"
              + " set; ~/.kube/config is never used on its own");
    }
    return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
  }

  private int port() throws ClusterAccessException {
    String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
    try {
      return Integer.parseInt(port);
    } catch (NumberFormatException e) {
      throw new ClusterAccessException("KUBERNETES_SERVICE_PORT: " + port, "a port", e);
    }
  }
}

package io.scopegate.authz.kubernetes;

import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.http.HttpClients;
import io.scopegate.authz.http.HttpThreads;
import io.scopegate.config.PemFiles;
import io.scopegate.config.Secret;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/**
 * Single questions to the API server, one after the other, with the gateway's own account: for
 * people who look for what is wrong. It blocks, so it is not for an event loop; nothing of a
 * running gateway uses it but {@link #server()} and {@link #account()}.
 *
 * <p>By HTTP/1.1, because API servers send GOAWAY with each 401, and older JDKs then lose the 401
 * (JDK-8335181): an account that is not accepted would look like a network that is broken.
 */
public final class ApiProbe implements AutoCloseable {
  private final Cluster cluster;
  private final Duration timeout;
  private final ExecutorService threads = HttpThreads.create("kubernetes-probe", 1);
  private final HttpClient client;

  private ApiProbe(Cluster cluster, Duration timeout) throws ClusterAccessException {
    this.cluster = cluster;
    this.timeout = timeout;
    this.client =
        HttpClients.create(
            threads,
            timeout,
            cluster.server().getScheme().equals("https"),
            ApiTls.context(cluster),
            HttpClient.Builder.NO_PROXY);
  }

  /**
   * An answer.
   *
   * @param status the HTTP status
   * @param body the object; empty when it is none
   * @param date the header {@code Date}; empty when missing
   */
  public record Answer(int status, JsonObject body, String date) {}

  /**
   * Reads how to reach the API server, as the gateway does; nothing is sent yet.
   *
   * @param timeout of each question
   * @throws ClusterAccessException when the address is unknown, or a file cannot be used
   */
  public static ApiProbe open(KubernetesConfig config, Duration timeout)
      throws ClusterAccessException {
    return new ApiProbe(
        ClusterAccess.of(config.kubeconfig(), Map.copyOf(System.getenv())).read(), timeout);
  }

  /** The API server's URL. */
  public String server() {
    return cluster.server().toString();
  }

  /**
   * Who the gateway is for the API server, as far as its credential tells: the subject of a token
   * that is a JWT, the CN of a certificate. Empty when it does not.
   */
  public String account() {
    Secret token = cluster.token();
    if (token != null) {
      return subject(token.reveal());
    }
    Cluster.ClientKey key = cluster.clientKey();
    return key == null ? "" : commonName(key.certificate());
  }

  /** Reads a document. */
  public Answer get(String path) throws IOException {
    return ask(request(path).GET().build());
  }

  /** Posts a review. */
  public Answer post(String path, JsonObject review) throws IOException {
    return ask(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(review.toBuffer().getBytes()))
            .build());
  }

  /**
   * The servers of a Service, as the gateway would find them.
   *
   * @throws IOException when the API server does not show its slices
   */
  public ServiceServers servers(ServicePort service) throws IOException {
    String selector = URLEncoder.encode(service.selector(), StandardCharsets.UTF_8);
    Answer answer = get(service.path() + "?labelSelector=" + selector);
    if (answer.status() != 200) {
      throw new IOException("the API server answers " + answer.status());
    }
    List<EndpointSlice> slices = new ArrayList<>();
    JsonArray items = answer.body().getJsonArray("items", new JsonArray());
    for (int i = 0; i < items.size(); i++) {
      slices.add(EndpointSlice.of(items.getJsonObject(i)));
    }
    return ServiceServers.of(service, slices);
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(cluster.server() + path))
            .timeout(timeout)
            .version(HttpClient.Version.HTTP_1_1)
            .header("Accept", "application/json, application/jwk-set+json")
            .header("User-Agent", "scopegate");
    Secret token = cluster.token();
    return token == null ? request : request.header("Authorization", "Bearer " + token.reveal());
  }

  private Answer ask(HttpRequest request) throws IOException {
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      return new Answer(
          response.statusCode(),
          object(response.body()),
          response.headers().firstValue("date").orElse(""));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private static JsonObject object(String body) {
    try {
      return new JsonObject(body);
    } catch (DecodeException | ClassCastException e) {
      return new JsonObject();
    }
  }

  private static String subject(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return "";
    }
    try {
      byte[] claims = Base64.getUrlDecoder().decode(parts[1]);
      String subject =
          object(new String(claims, StandardCharsets.UTF_8)).getValue("sub") instanceof String s
              ? s
              : "";
      return subject.length() > 256 ? "" : subject;
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static String commonName(String pem) {
    try {
      String name =
          PemFiles.certificates(pem, "client certificate")
              .get(0)
              .getSubjectX500Principal()
              .getName();
      return new LdapName(name)
          .getRdns().stream()
              .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
              .map(rdn -> String.valueOf(rdn.getValue()))
              .findFirst()
              .orElse("");
    } catch (IllegalArgumentException | InvalidNameException e) {
      return "";
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}

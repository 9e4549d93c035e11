package io.scopegate.gateway.doctor;

import io.scopegate.authz.OidcConfig;
import io.scopegate.authz.http.HttpClients;
import io.scopegate.authz.http.HttpThreads;
import io.scopegate.authz.http.TlsContext;
import io.scopegate.config.DurationText;
import io.scopegate.config.PemFiles;
import io.scopegate.gateway.forward.Causes;
import io.scopegate.gateway.probe.Finding;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/** The OpenID Connect issuers: their documents, and how many keys they have. */
final class IssuerExam {
  private static final String DISCOVERY = "/.well-known/openid-configuration";

  private final List<OidcConfig> issuers;
  private final Duration timeout;
  private final List<Finding> findings = new ArrayList<>();

  IssuerExam(List<OidcConfig> issuers, Duration timeout) {
    this.issuers = issuers;
    this.timeout = timeout;
  }

  List<Finding> examine() {
    if (issuers.isEmpty()) {
      return findings;
    }
    ExecutorService threads = HttpThreads.create("issuer-probe", 1);
    try {
      for (int i = 0; i < issuers.size(); i++) {
        examine("authentication.oidc[" + i + "]", issuers.get(i), threads);
      }
    } finally {
      threads.shutdownNow();
    }
    return findings;
  }

  private void examine(String subject, OidcConfig issuer, ExecutorService threads) {
    try {
      HttpClient client = client(issuer, threads);
      String base =
          issuer.issuer().endsWith("/")
              ? issuer.issuer().substring(0, issuer.issuer().length() - 1)
              : issuer.issuer();
      JsonObject discovery = read(subject, client, base + DISCOVERY);
      if (discovery == null) {
        return;
      }
      String named = discovery.getString("issuer", "");
      if (!named.equals(issuer.issuer())) {
        findings.add(
            Finding.error(
                subject,
                "the document of " + issuer.issuer() + " names the issuer " + named,
                "write issuer: \"" + named + "\" exactly, with or without the slash at its end"));
        return;
      }
      JsonObject keys = read(subject, client, discovery.getString("jwks_uri", base + "/keys"));
      if (keys != null) {
        keys(subject, issuer, keys.getJsonArray("keys", new JsonArray()).size());
      }
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      findings.add(
          Finding.error(
              subject,
              issuer.issuer()
                  + " cannot be asked: "
                  + Causes.of(
                      e,
                      String.valueOf(URI.create(issuer.issuer()).getHost()),
                      DurationText.format(timeout)),
              "check issuer, caFile, HTTPS_PROXY and network policies; its users get 503 until its"
                  + " keys are known"));
    }
  }

  private void keys(String subject, OidcConfig issuer, int count) {
    findings.add(
        count > 0
            ? Finding.ok(
                subject, issuer.issuer() + " has " + count + (count == 1 ? " key" : " keys"))
            : Finding.error(
                subject, issuer.issuer() + " has no keys", "check the issuer's configuration"));
  }

  private HttpClient client(OidcConfig issuer, ExecutorService threads)
      throws GeneralSecurityException, IOException {
    Path ca = issuer.caFile();
    return HttpClients.create(
        threads,
        timeout,
        issuer.issuer().startsWith("https:"),
        TlsContext.trusting(ca == null ? null : PemFiles.certificates(ca), null),
        ca == null ? ProxySelector.getDefault() : HttpClient.Builder.NO_PROXY);
  }

  private @Nullable JsonObject read(String subject, HttpClient client, String url)
      throws IOException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(timeout).build();
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      if (response.statusCode() == 200) {
        return new JsonObject(response.body());
      }
      findings.add(
          Finding.error(
              subject, url + " answers " + response.statusCode(), "check the issuer's URL"));
    } catch (DecodeException | ClassCastException e) {
      findings.add(
          Finding.error(subject, url + " answers something else", "check the issuer's URL"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    return null;
  }
}

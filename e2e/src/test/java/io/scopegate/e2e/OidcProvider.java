package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.TestCa;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPrivateCrtKey;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real OpenID provider, the certified {@code oidc-provider} of npm, in which Grafana is a client:
 * {@code parts.d/oidc-provider}. Its users are {@link #JANE} and {@link #OMAR}.
 */
final class OidcProvider implements AutoCloseable {
  /** In the group {@code payments-team}. */
  static final String JANE = "jane@example.com";

  /** In the group {@code sre}. */
  static final String OMAR = "omar@example.com";

  private static final Duration READY = Duration.ofSeconds(60);
  private static final String CLIENT = "grafana";
  private static final String BACK = "https://grafana.example.com/login/generic_oauth";
  private static final String VERIFIER = "a-verifier-of-more-than-forty-three-characters";
  private static final Pattern CODE = Pattern.compile("[?&]code=([^&]+)");
  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

  private final TestCa ca;
  private final int port;
  private final Part process;

  private OidcProvider(TestCa ca, int port, Part process) {
    this.ca = ca;
    this.port = port;
    this.process = process;
  }

  /**
   * Starts one with a key of its own.
   *
   * @param audience of the access tokens
   * @param kid the name of the key
   */
  static OidcProvider start(TestCa ca, int port, String audience, String kid) {
    Path program = Parts.need("oidc-provider");
    Path directory = Scratch.directory("oidc-provider");
    TestCa.Issued server = ca.server();
    server.writeCertificate(directory.resolve("tls.crt"));
    server.writeKey(directory.resolve("tls.key"));
    Path keys = Scratch.write(directory.resolve("jwks.json"), keySet(kid).encode());
    Part process =
        Part.start(
            "oidc-provider",
            directory,
            Map.of(
                "OIDC_ISSUER", issuer(port),
                "OIDC_PORT", Integer.toString(port),
                "OIDC_AUDIENCE", audience,
                "OIDC_JWKS", keys.toString(),
                "OIDC_CERTIFICATE", directory.resolve("tls.crt").toString(),
                "OIDC_KEY", directory.resolve("tls.key").toString()),
            List.of(program.toString()));
    Http http = Http.one(ca);
    Until.holds(
        "the provider answers",
        READY,
        () -> http.get(issuer(port) + "/.well-known/openid-configuration").status() == 200);
    return new OidcProvider(ca, port, process);
  }

  /** What a provider on this port calls itself. */
  static String issuer(int port) {
    return "https://localhost:" + port;
  }

  /** What Grafana gets when this user logs in: by the authorization code flow with PKCE. */
  Tokens logIn(String user) {
    Browser browser = new Browser();
    URI at =
        browser.follow(
            URI.create(
                issuer(port)
                    + "/auth?client_id="
                    + CLIENT
                    + "&response_type=code&scope=openid%20email%20groups&state=s&redirect_uri="
                    + encoded(BACK)
                    + "&code_challenge_method=S256&code_challenge="
                    + challenge()));
    at = browser.follow(browser.submit(at, "prompt=login&password=any&login=" + encoded(user)));
    at = browser.follow(browser.submit(at, "prompt=consent"));
    Matcher code = CODE.matcher(at.toString());
    assertThat(code.find()).as("%s", at).isTrue();
    return browser.redeem(code.group(1));
  }

  /**
   * What a login is worth.
   *
   * @param access the access token, a JWT
   * @param id the ID token
   */
  record Tokens(String access, String id) {}

  /** Somebody's, with cookies of their own. */
  private final class Browser {
    private final HttpClient client =
        HttpClient.newBuilder()
            .sslContext(Http.trusting(ca))
            .cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL))
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    /** Follows redirects to a page of the provider, or to where Grafana would be. */
    URI follow(URI from) {
      URI at = from;
      while (at.toString().startsWith(issuer(port)) && !at.getPath().startsWith("/interaction/")) {
        at = redirect(at, HttpRequest.newBuilder(at).build());
      }
      return at;
    }

    /** Fills in the page's form. */
    URI submit(URI page, String form) {
      return redirect(page, posting(page, form).build());
    }

    private URI redirect(URI from, HttpRequest request) {
      HttpResponse<String> response = send(request);
      return from.resolve(
          response
              .headers()
              .firstValue("location")
              .orElseThrow(() -> new AssertionError(from + ": " + response.body())));
    }

    Tokens redeem(String code) {
      String secret = CLIENT + ":grafana-secret";
      String basic = Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
      HttpResponse<String> response =
          send(
              posting(
                      URI.create(issuer(port) + "/token"),
                      "grant_type=authorization_code&code="
                          + code
                          + "&code_verifier="
                          + VERIFIER
                          + "&redirect_uri="
                          + encoded(BACK))
                  .header("authorization", "Basic " + basic)
                  .build());
      JsonObject tokens = new JsonObject(response.body());
      assertThat(tokens.getString("token_type")).as(response.body()).isEqualTo("Bearer");
      return new Tokens(tokens.getString("access_token"), tokens.getString("id_token"));
    }

    private HttpResponse<String> send(HttpRequest request) {
      try {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  private static HttpRequest.Builder posting(URI to, String form) {
    return HttpRequest.newBuilder(to)
        .header("content-type", "application/x-www-form-urlencoded")
        .POST(HttpRequest.BodyPublishers.ofString(form));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String challenge() {
    try {
      byte[] bytes = VERIFIER.getBytes(StandardCharsets.US_ASCII);
      return BASE64URL.encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonObject keySet(String kid) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      RSAPrivateCrtKey key = (RSAPrivateCrtKey) generator.generateKeyPair().getPrivate();
      JsonObject jwk =
          new JsonObject()
              .put("kty", "RSA")
              .put("use", "sig")
              .put("alg", "RS256")
              .put("kid", kid)
              .put("n", number(key.getModulus()))
              .put("e", number(key.getPublicExponent()))
              .put("d", number(key.getPrivateExponent()))
              .put("p", number(key.getPrimeP()))
              .put("q", number(key.getPrimeQ()))
              .put("dp", number(key.getPrimeExponentP()))
              .put("dq", number(key.getPrimeExponentQ()))
              .put("qi", number(key.getCrtCoefficient()));
      return new JsonObject().put("keys", new JsonArray().add(jwk));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Without the byte of the sign. */
  private static String number(BigInteger number) {
    byte[] bytes = number.toByteArray();
    int begin = bytes[0] == 0 && bytes.length > 1 ? 1 : 0;
    byte[] unsigned = new byte[bytes.length - begin];
    System.arraycopy(bytes, begin, unsigned, 0, unsigned.length);
    return BASE64URL.encodeToString(unsigned);
  }

  @Override
  public void close() {
    process.close();
  }
}

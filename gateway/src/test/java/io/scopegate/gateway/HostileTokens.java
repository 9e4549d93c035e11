package io.scopegate.gateway;

import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.kubernetes.TokenIssuer;
import io.scopegate.testkit.kubernetes.TokenSpec;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A good token, and what attackers make of one: they know it, the public key and the issuer, and
 * have a key of their own, but not the issuer's.
 */
final class HostileTokens {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final Charset UTF_8 = StandardCharsets.UTF_8;

  private static final Duration AGE = Duration.ofMinutes(10);

  private final Map<String, String> tokens = new LinkedHashMap<>();
  private final TokenIssuer issuer;
  private final TokenIssuer stranger;
  private final String good;
  private final String header;
  private final String payload;
  private final String signature;
  private final JsonObject claims;

  HostileTokens(KubernetesStandIn kubernetes, ServiceAccount account) {
    issuer = kubernetes.issuer();
    stranger = new TokenIssuer(issuer.issuer());
    // issued before the gateway read the issuer's keys: a key that it does not know is no new one
    good = kubernetes.token(account, TokenSpec.defaults().issued(Instant.now().minus(AGE)));
    String[] parts = good.split("\\.");
    header = parts[0];
    payload = parts[1];
    signature = parts[2];
    claims = new JsonObject(new String(Base64.getUrlDecoder().decode(payload), UTF_8));
    tokens.put("good", good);
    unsigned();
    confusedAlgorithms();
    ownKeys();
    changedParts();
    brokenShapes();
    brokenClaims();
    signedButUseless(kubernetes, account);
  }

  /** The token of this name. */
  String get(String name) {
    String token = tokens.get(name);
    if (token == null) {
      throw new NoSuchElementException("no such token: " + name);
    }
    return token;
  }

  private void unsigned() {
    for (String alg : List.of("none", "None", "nOnE", "NONE", "")) {
      tokens.put("alg:" + alg, encoded(alg(alg)) + "." + payload + ".");
    }
    tokens.put("alg-null", encoded("{\"alg\":null}") + "." + payload + ".");
    tokens.put("alg-missing", encoded("{\"typ\":\"JWT\"}") + "." + payload + ".");
    tokens.put("alg-list", encoded("{\"alg\":[\"none\",\"RS256\"]}") + "." + payload + ".");
    tokens.put("alg-twice", encoded("{\"alg\":\"RS256\",\"alg\":\"none\"}") + "." + payload + ".");
    tokens.put("none-with-signature", encoded(alg("none")) + "." + payload + "." + signature);
    tokens.put("none-in-two-parts", encoded(alg("none")) + "." + payload);
    tokens.put("stripped", header + "." + payload + ".");
    tokens.put("stripped-in-two-parts", header + "." + payload);
  }

  private void confusedAlgorithms() {
    byte[] der = issuer.publicKey().getEncoded();
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END PUBLIC KEY-----\n";
    tokens.put("hs256-pem", hmac("HS256", pem.getBytes(UTF_8)));
    tokens.put("hs256-der", hmac("HS256", der));
    tokens.put("hs256-modulus", hmac("HS256", issuer.publicKey().getModulus().toByteArray()));
    tokens.put("hs512-pem", hmac("HS512", pem.getBytes(UTF_8)));
    tokens.put(
        "hs256-jwk",
        hmac(
            "HS256", issuer.jwks().getJsonArray("keys").getJsonObject(0).encode().getBytes(UTF_8)));
    tokens.put("es256-zero", withHeader(alg("ES256"), new byte[64]));
    tokens.put("rs256-zero", withHeader(alg("RS256"), new byte[256]));
    tokens.put("ps256", encoded(alg("PS256")) + "." + payload + "." + signature);
    tokens.put("rs384", encoded(alg("RS384")) + "." + payload + "." + signature);
  }

  /** Signed with the attacker's key, which the header recommends in one way or other. */
  private void ownKeys() {
    JsonObject jwk = stranger.jwks().getJsonArray("keys").getJsonObject(0);
    String url = "http://127.0.0.1:9/jwks.json";
    tokens.put("foreign-key", own("kid", issuer.keyId()));
    tokens.put("own-kid", own("kid", stranger.keyId()));
    tokens.put(
        "own-kid-soon",
        stranger.sign(claims.copy().put("iat", Instant.now().getEpochSecond() + 60)));
    tokens.put("no-kid", stranger.sign("{\"alg\":\"RS256\"}", claims.encode()));
    tokens.put("kid-sql", own("kid", "' UNION SELECT 'key' -- "));
    tokens.put("kid-command", own("kid", "key|id;$(id)"));
    tokens.put("kid-line", own("kid", "a\r\nX-Scope-OrgID: gamma"));
    tokens.put("kid-long", own("kid", "k".repeat(4_000)));
    tokens.put("kid-number", own("kid", 1));
    tokens.put("kid-object", own("kid", new JsonObject().put("a", "b")));
    tokens.put("jwk", own("jwk", jwk));
    tokens.put("jku", own("jku", url));
    tokens.put("x5u", own("x5u", url));
    tokens.put("x5c", own("x5c", new JsonArray().add("MIIBAAAA")));
    tokens.put("zip", own("zip", "DEF"));
    String kid = new JsonObject(alg("HS256")).put("kid", "../../../../dev/null").encode();
    tokens.put("kid-path", hmac(kid, "HS256", new byte[1]));
    tokens.put("other-account", foreign("sub", "system:serviceaccount:kube-system:admin"));
    tokens.put("other-groups", foreign("groups", new JsonArray().add("system:masters")));
    tokens.put("other-issuer", foreign("iss", "https://issuer.example"));
    tokens.put("issuer-slash", foreign("iss", issuer.issuer() + "/"));
    tokens.put("issuer-homoglyph", foreign("iss", issuer.issuer().replace('e', '\u0435')));
    tokens.put("issuer-list", foreign("iss", new JsonArray().add(issuer.issuer())));
  }

  private void changedParts() {
    JsonObject other = claims.copy().put("sub", "system:serviceaccount:kube-system:admin");
    tokens.put("payload-swapped", header + "." + encoded(other.encode()) + "." + signature);
    tokens.put("header-swapped", encoded(alg("RS256")) + "." + payload + "." + signature);
    tokens.put("truncated-signature", good.substring(0, good.length() - 40));
    tokens.put("truncated-payload", good.substring(0, header.length() + payload.length() / 2));
    tokens.put("longer-signature", good + "AAAA");
    tokens.put("padded", good + "==");
    tokens.put("standard-base64", header + "." + payload + ".+/" + signature.substring(2));
    tokens.put("reversed", signature + "." + payload + "." + header);
  }

  private void brokenShapes() {
    tokens.put("four-parts", good + "." + signature);
    tokens.put("five-parts", header + "." + payload + "." + signature + ".a.b");
    tokens.put("two-dots", "..");
    tokens.put("header-only", header + "..");
    tokens.put("empty-payload", header + ".." + signature);
    tokens.put("not-base64", "~~~~.~~~~.~~~~");
    tokens.put("long", header + "." + payload + "." + "A".repeat(17 * 1024));
    tokens.put("long-payload", stranger.sign(rs256(), "{\"a\":\"" + "a".repeat(12_000) + "\"}"));
    tokens.put("deep", stranger.sign(rs256(), "[".repeat(6_000)));
    tokens.put("deep-header", stranger.sign("[".repeat(6_000), claims.encode()));
    tokens.put("header-array", stranger.sign("[]", claims.encode()));
    tokens.put("header-null", stranger.sign("null", claims.encode()));
    tokens.put("header-no-json", stranger.sign("{alg:none}", claims.encode()));
    tokens.put(
        "header-utf16",
        BASE64.encodeToString(alg("RS256").getBytes(StandardCharsets.UTF_16))
            + "."
            + payload
            + "."
            + signature);
  }

  private void brokenClaims() {
    tokens.put("payload-array", stranger.sign(rs256(), "[]"));
    tokens.put("payload-text", stranger.sign(rs256(), "admin"));
    tokens.put("issuer-missing", stranger.sign(rs256(), "{}"));
    tokens.put(
        "claims-twice",
        stranger.sign(rs256(), "{\"sub\":\"system:admin\"," + claims.encode().substring(1)));
    tokens.put("exp-huge", stranger.sign(rs256(), withRaw("exp", "1e400")));
    tokens.put("exp-text", foreign("exp", "never"));
    tokens.put("exp-negative", foreign("exp", -1));
    tokens.put("payload-not-utf8", encodedBytes(new byte[] {'{', (byte) 0xc0, (byte) 0x80, '}'}));
  }

  /** What the issuer did sign, and yet nobody may use. */
  private void signedButUseless(KubernetesStandIn kubernetes, ServiceAccount account) {
    TokenSpec spec = TokenSpec.defaults();
    Instant now = Instant.now();
    tokens.put(
        "expired",
        kubernetes.token(
            account, spec.issued(now.minusSeconds(7_200)).lasting(Duration.ofHours(1))));
    tokens.put("not-yet", kubernetes.token(account, spec.issued(now.plusSeconds(3_600))));
    tokens.put("other-audience", kubernetes.token(account, spec.forAudiences("vault")));
    tokens.put(
        "signed-crit",
        issuer.sign(
            "{\"alg\":\"RS256\",\"kid\":\"%s\",\"crit\":[\"exp2\"],\"exp2\":1}"
                .formatted(issuer.keyId()),
            claims.encode()));
    tokens.put(
        "signed-b64",
        issuer.sign(
            "{\"alg\":\"RS256\",\"kid\":\"%s\",\"crit\":[\"b64\"],\"b64\":false}"
                .formatted(issuer.keyId()),
            claims.encode()));
    ServiceAccount gone = kubernetes.serviceAccount("apps", "gone");
    tokens.put("deleted-account", kubernetes.token(gone));
    kubernetes.delete(gone);
  }

  private String own(String name, Object value) {
    return stranger.sign(new JsonObject(alg("RS256")).put(name, value).encode(), claims.encode());
  }

  private String foreign(String claim, Object value) {
    return stranger.sign(rs256(), claims.copy().put(claim, value).encode());
  }

  private String withRaw(String claim, String value) {
    JsonObject others = claims.copy();
    others.remove(claim);
    return "{\"" + claim + "\":" + value + "," + others.encode().substring(1);
  }

  private String encodedBytes(byte[] text) {
    return header + "." + BASE64.encodeToString(text) + "." + signature;
  }

  private String rs256() {
    return new JsonObject(alg("RS256")).put("kid", issuer.keyId()).encode();
  }

  private String withHeader(String json, byte[] sign) {
    return encoded(json) + "." + payload + "." + BASE64.encodeToString(sign);
  }

  private String hmac(String alg, byte[] key) {
    return hmac(new JsonObject(alg(alg)).put("kid", issuer.keyId()).encode(), alg, key);
  }

  private String hmac(String json, String alg, byte[] key) {
    String text = encoded(json) + "." + payload;
    String name = "HmacSHA" + alg.substring(2);
    try {
      Mac mac = Mac.getInstance(name);
      mac.init(new SecretKeySpec(key, name));
      return text + "." + BASE64.encodeToString(mac.doFinal(text.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(name + " is part of every JDK", e);
    }
  }

  private static String alg(String name) {
    return new JsonObject().put("typ", "JWT").put("alg", name).encode();
  }

  private static String encoded(String json) {
    return BASE64.encodeToString(json.getBytes(UTF_8));
  }
}

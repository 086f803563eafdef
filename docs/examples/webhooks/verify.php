<?php
// Verify the gateway's webhooks: PHP 8.0 or later, no dependency.
//
// Copy verify_standard_webhook and its helpers. To try it, run
//
//     WEBHOOK_SECRET=whsec_... php -S 127.0.0.1:4001 verify.php
//
// It receives webhooks at http://127.0.0.1:4001/webhook and responds with 204, or with 400 and the reason.
// /webhook/hex checks X-Webhook-Signature instead.

declare(strict_types=1);

const TOLERANCE_S = 5 * 60;
const BASE64 = '~^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$~D';

/** The request is not verified; the message contains the reason. */
final class UnverifiedWebhook extends RuntimeException
{
}

/**
 * Throws UnverifiedWebhook unless $body was signed with $secret within the tolerance.
 *
 * @param array<string, string> $headers with lower-case names, like array_change_key_case(getallheaders())
 * @param string $body the raw bytes, from file_get_contents('php://input')
 */
function verify_standard_webhook(string $secret, array $headers, string $body): void
{
    $id = required($headers, 'webhook-id');
    $timestamp = required($headers, 'webhook-timestamp');
    $signatures = required($headers, 'webhook-signature');
    if (!preg_match('/^[0-9]{1,15}$/D', $timestamp)) {
        throw new UnverifiedWebhook('webhook-timestamp is not a number');
    }
    if (abs(time() - (int) $timestamp) > TOLERANCE_S) {
        throw new UnverifiedWebhook('webhook-timestamp is more than 5 minutes off');
    }
    $digest = hash_hmac('sha256', "$id.$timestamp.$body", standard_key($secret), true);
    $expected = 'v1,' . base64_encode($digest);
    foreach (explode(' ', $signatures) as $one) {
        if (hash_equals($expected, $one)) {
            return;
        }
    }
    throw new UnverifiedWebhook('webhook-signature is not that of this body and secret');
}

/**
 * Verifies X-Webhook-Signature, which has no expiry and becomes invalid with a change of the secret.
 *
 * @param array<string, string> $headers
 */
function verify_hex_signature(string $secret, array $headers, string $body): void
{
    $signature = required($headers, 'x-webhook-signature');
    if (!hash_equals(hash_hmac('sha256', $body, $secret), $signature)) {
        throw new UnverifiedWebhook('x-webhook-signature is not that of this body and secret');
    }
}

/** The decoded part after whsec_, or its text if it is not base64. */
function standard_key(string $secret): string
{
    $tail = str_starts_with($secret, 'whsec_') ? substr($secret, strlen('whsec_')) : $secret;
    return preg_match(BASE64, $tail) ? base64_decode($tail) : $tail;
}

/** @param array<string, string> $headers */
function required(array $headers, string $name): string
{
    $value = $headers[$name] ?? '';
    return $value !== '' ? $value : throw new UnverifiedWebhook("$name is missing");
}

// From here on: a server to try it with.

const VERIFIERS = ['/webhook' => 'verify_standard_webhook', '/webhook/hex' => 'verify_hex_signature'];
const MAX_BODY_BYTES = 64 * 1024; // a webhook is far smaller

function answer(int $status, string $text = ''): void
{
    http_response_code($status);
    header('Content-Type: text/plain; charset=utf-8');
    echo $text === '' ? '' : "$text\n";
}

function receive(string $secret): void
{
    $verify = VERIFIERS[$_SERVER['REQUEST_URI']] ?? null;
    if ($_SERVER['REQUEST_METHOD'] !== 'POST' || $verify === null) {
        answer(404, 'no such address');
        return;
    }
    $body = file_get_contents('php://input', length: MAX_BODY_BYTES + 1);
    if ($body === false || strlen($body) > MAX_BODY_BYTES) {
        answer(413, 'at most ' . MAX_BODY_BYTES . ' bytes');
        return;
    }
    $headers = array_change_key_case(getallheaders());
    try {
        $verify($secret, $headers, $body);
    } catch (UnverifiedWebhook $problem) {
        answer(400, $problem->getMessage());
        return;
    }
    answer(204); // in your receiver, store the webhook before this line and process it afterwards
    error_log('verified: ' . json_decode($body)->event . ' ' . ($headers['webhook-id'] ?? ''));
}

if (PHP_SAPI === 'cli-server') {
    $secret = getenv('WEBHOOK_SECRET');
    if ($secret === false || $secret === '') {
        answer(500, 'Set WEBHOOK_SECRET to your webhook secret from GET /api/v1/webhooks/config.');
    } else {
        receive($secret);
    }
}

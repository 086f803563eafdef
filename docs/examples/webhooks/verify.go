// Verify the gateway's webhooks: Go 1.19 or later, standard library only.
//
// Copy VerifyStandardWebhook and its helpers. To try it, run
//
//	WEBHOOK_SECRET=whsec_... go run verify.go 4001
//
// It receives webhooks at http://127.0.0.1:4001/webhook and responds with 204, or with 400 and the reason.
// /webhook/hex checks X-Webhook-Signature instead.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

const tolerance = 5 * time.Minute

// VerifyStandardWebhook returns nil if body, the raw bytes of the request, was signed with secret
// within the tolerance.
func VerifyStandardWebhook(secret string, headers http.Header, body []byte) error {
	if err := require(headers, "webhook-id", "webhook-timestamp", "webhook-signature"); err != nil {
		return err
	}
	id, timestamp := headers.Get("webhook-id"), headers.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return errors.New("webhook-timestamp is not a number")
	}
	if age := time.Since(time.Unix(seconds, 0)); age > tolerance || age < -tolerance {
		return errors.New("webhook-timestamp is more than 5 minutes off")
	}
	digest := hmacSHA256(standardKey(secret), []byte(id+"."+timestamp+"."), body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(digest))
	for _, one := range strings.Split(headers.Get("webhook-signature"), " ") {
		if hmac.Equal(expected, []byte(one)) {
			return nil
		}
	}
	return errors.New("webhook-signature is not that of this body and secret")
}

// VerifyHexSignature verifies X-Webhook-Signature, which has no expiry and becomes invalid with a change of the secret.
func VerifyHexSignature(secret string, headers http.Header, body []byte) error {
	if err := require(headers, "x-webhook-signature"); err != nil {
		return err
	}
	expected := hex.EncodeToString(hmacSHA256([]byte(secret), body))
	if !hmac.Equal([]byte(expected), []byte(headers.Get("x-webhook-signature"))) {
		return errors.New("x-webhook-signature is not that of this body and secret")
	}
	return nil
}

// standardKey returns the decoded part after whsec_, or its text if it is not base64.
func standardKey(secret string) []byte {
	tail := strings.TrimPrefix(secret, "whsec_")
	if key, err := base64.StdEncoding.DecodeString(tail); err == nil {
		return key
	}
	return []byte(tail)
}

func require(headers http.Header, names ...string) error {
	for _, name := range names {
		if headers.Get(name) == "" {
			return errors.New(name + " is missing")
		}
	}
	return nil
}

func hmacSHA256(key []byte, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// From here on: a server to try it with.

const maxBodyBytes = 64 * 1024 // a webhook is far smaller

type verifier func(secret string, headers http.Header, body []byte) error

func receive(secret string, verify verifier) http.HandlerFunc {
	return func(response http.ResponseWriter, request *http.Request) {
		if request.Method != http.MethodPost {
			http.Error(response, "no such address", http.StatusNotFound)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(response, request.Body, maxBodyBytes))
		if err != nil {
			http.Error(response, fmt.Sprintf("at most %d bytes", maxBodyBytes), http.StatusRequestEntityTooLarge)
			return
		}
		if err := verify(secret, request.Header, body); err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
			return
		}
		// In your receiver, store the webhook before this line and process it afterwards.
		response.WriteHeader(http.StatusNoContent)
		var webhook struct {
			Event string `json:"event"`
		}
		if err := json.Unmarshal(body, &webhook); err == nil {
			log.Printf("verified: %s %s", webhook.Event, request.Header.Get("webhook-id"))
		}
	}
}

func main() {
	secret, port := os.Getenv("WEBHOOK_SECRET"), "4001"
	if secret == "" {
		log.Fatal("Set WEBHOOK_SECRET to your webhook secret from GET /api/v1/webhooks/config.")
	}
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	routes := http.NewServeMux()
	routes.HandleFunc("/webhook", receive(secret, VerifyStandardWebhook))
	routes.HandleFunc("/webhook/hex", receive(secret, VerifyHexSignature))
	server := &http.Server{Addr: "127.0.0.1:" + port, Handler: routes, ReadTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
